import EdgeCore
import SyncCore

extension Components {
    static let fleetSchemas: [(key: String, value: Schema)] = [
        ("FleetFigures", fleetFigures), ("FleetDevice", fleetDevice), ("FleetToken", fleetToken),
        ("FleetScope", fleetScope), ("FleetErasure", fleetErasure), ("FleetConfiguration", fleetConfiguration),
        ("FleetConfigurationPart", fleetConfigurationPart),
    ]

    private static let number = Schema.integer(0...Int.max)

    private static let fleetFigures = Schema.object([
        .required("members", .count), .required("quarantined", .count), .required("revoked", .count),
        .required("people", .count), .required("records", number),
        .required("refused_records", number.note("Kept, and without effect.")),
        .required("lost_records", number.note("Lost before they came.")), .required("open_erasures", .count),
    ])

    private static let fleetDevice = Schema.object([
        .required("id", .uuid), .required("name", .anyText), .required("standing", .choice(DeviceStanding.self)),
        .required("reason", Schema.anyText.orNull.note("Why it is no member.")),
        .required("client", Schema.uuid.orNull.note("Whose credentials it has.")),
        .required("model", .object([.required("id", .anyText), .required("version", .anyText)])),
        .required("software", .anyText), .required("scopes", .list(.uuid)), .required("joined_at", .dateTime),
        .required("seen_at", Schema.dateTime.orNull),
        .required(
            "clock_ahead_ms", Schema.integer(Int.min...Int.max).note("How far its clock is ahead of this one's.")),
        .required(
            "lanes",
            .list(
                .object([.required("lane", .choice(Lane.self)), .required("acknowledged", number)]))),
        .required("owed_erasures", .count), .required("owes_since", Schema.dateTime.orNull),
    ])

    private static let fleetToken = Schema.object([
        .required("token", .anyText.note("Good once; kept nowhere.")), .required("expires_at", .dateTime),
    ])

    private static let fleetScope = Schema.object([
        .required("id", .uuid), .required("name", .anyText), .required("people", .count),
        .required("devices", .count),
    ])

    private static let fleetErasure = Schema.object([
        .required("subject", Schema.uuid.note("A pseudonym; nothing else is known any more.")),
        .required("ordered_at", .dateTime),
        .required("proven", .count.note("On how many devices it is proven,")),
        .required("devices", .count.note("of how many.")), .required("complete", .boolean),
        .required("outstanding", .list(.object([.required("device", .uuid), .required("since", .dateTime)]))),
        .required("proofs", .list(.object([.required("device", .uuid), .required("proven_at", .dateTime)]))),
        .required("revoked", .list(Schema.uuid.note("Devices that are outstanding and will prove nothing any more."))),
    ])
}
