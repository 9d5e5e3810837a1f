import EdgeCore
import HTTPTypes

extension UserRoutes {
    private static let externalID = Schema.text(number: true).note("The user's id in your own system.")
    private static let facts = Schema.openObject.note("At most 16 KiB.")
    private static let picture = Schema.picture.orNull.note(
        "JPEG, PNG or WebP, up to 10 MiB: base64 text, a data URL or a file; `null` takes it away.")

    private static let writable: [Schema.Property] = [
        .required("external_user_id", externalID), .optional("external_user_uuid", Schema.uuid.orNull),
        .optional("profile", facts.note("At most 16 KiB; `display_name`, `full_name` or `name` is shown.")),
        .optional("metadata", facts),
        .optional("face_auth_enabled", Schema.boolean.note("Nobody is recognised where this is false.")),
        .optional("old_profile_photo", picture), .optional("profile_image", picture),
    ]
    private static let files = ["profile_image", "old_profile_photo"]
    private static let path = "/api/clients/users/{user}"
    private static let naming =
        "`user` is the user's id in your own system (percent-encoded), or the device's id, or the second id."
    private static let taken = Operation.Answer.error(.conflict, "Another user has this id.")

    private static func one(
        _ method: HTTPRequest.Method, _ tail: String = "", id: String, _ summary: String,
        answers: [Operation.Answer]
    ) -> Operation {
        Operation(
            method, path + tail, id: id, tag: .clients, summary, access: .tenant, answers: answers
        ).details(naming)
    }

    static let list = Operation(
        .get, "/api/clients/users", id: "clients_users_list", tag: .clients, "The client's users", access: .tenant,
        answers: [.page(of: "User")]
    ).asks(.page)

    static let create = Operation(
        .post, "/api/clients/users", id: "clients_users_create", tag: .clients, "Make a user known", access: .tenant,
        answers: [.created(.component("User"))]
    ).takes(.object(writable), files: files).with { $0.creates = true }
        .details("The user is not enrolled yet. JSON, or a form with files.")

    static let retrieve = one(
        .get, id: "clients_users_retrieve", "A user", answers: [.ok(.component("User"))])

    static let update = one(
        .put, id: "clients_users_update", "Change a user", answers: [.ok(.component("User")), taken]
    ).takes(.object(writable), files: files)

    static let partialUpdate = one(
        .patch, id: "clients_users_partial_update", "Change some of a user", answers: [.ok(.component("User")), taken]
    ).takes(.object(writable.map(\.asOptional)), files: files)

    static let destroy = one(
        .delete, id: "clients_users_destroy", "Remove a user with templates, pictures and enrollments, at once",
        answers: [.erased])

    static let activate = one(
        .post, "/activate", id: "clients_users_activate_create", "Let a user be recognised again",
        answers: [.ok(.component("UserMessage"))])

    static let deactivate = one(
        .post, "/deactivate", id: "clients_users_deactivate_create",
        "Keep a user from being recognised; the templates stay", answers: [.ok(.component("UserMessage"))])

    static let preload = one(
        .post, "/preload", id: "clients_users_preload_create", "Compare the old photo with the enrolled face",
        answers: [.ok(.component("UserPreload"))])

    static let enrollments = one(
        .get, "/enrollments", id: "clients_users_enrollments_retrieve", "A user's enrollments, newest first",
        answers: [.ok(.component("UserEnrollments"))])

    static let profileImage = one(
        .get, "/profile-image", id: "clients_users_profile_image_retrieve", "A user's picture", answers: [file])

    static let oldPhoto = one(
        .get, "/old-photo", id: "clients_users_old_photo_retrieve", "A user's older picture", answers: [file])

    private static let file = Operation.Answer(
        status: .ok, note: "JPEG, PNG or WebP, as it was sent.", schema: Schema.formatted(.binary, 1...Int.max),
        contentType: "image/*")
}
