/// The schemas that several operations share, in the order of the document.
enum Components {
    static let schemas: [(key: String, value: Schema)] =
        [("Error", error)] + sessionSchemas + userSchemas + erasureSchemas + clientSchemas + analyticsSchemas
        + webhookSchemas + syncSchemas + fleetSchemas
        + systemSchemas

    /// Every error: what it is for people and for programs; for each field at fault its name with a list of sentences.
    static let error = Schema.object([
        .required("detail", .anyText), .required("code", .anyText), .optional("remedy", .anyText),
    ])
}
