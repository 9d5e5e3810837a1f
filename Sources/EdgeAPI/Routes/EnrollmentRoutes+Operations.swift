import EdgeCore
import HTTPTypes

extension EnrollmentRoutes {
    private static let ignored = Schema.anything.note("Taken and without effect: the device knows it.")
    private static let state = Operation.Answer.error(
        .conflict, "Another status than the enrollment can take, or another user.")

    /// What a client may send; the reference's further writable members are known to the device and have no effect.
    private static func members(status: Schema) -> [Schema.Property] {
        [
            .required("client_user", Schema.text(1...200, number: true).note("The user, by either id.")),
            .optional("client", ignored), .optional("enrollment_session", ignored),
            .optional("sample_number", ignored), .optional("face_image_path", ignored), .optional("status", status),
            .optional("metadata", Schema.openObject.note("At most 4 KiB.")),
            .optional(
                "expires_at", Schema.dateTime.orNull.note("Until when the templates may be used; `null` for good.")),
        ]
    }

    private static let changeable =
        members(
            status: Schema.choice(EnrollmentStatus.self).note(
                "`inactive` takes the templates out of recognition, `active` brings them back."))
        + [.optional("total_samples", ignored)]

    static let list = Operation(
        .get, "/api/auth/enrollments", id: "auth_enrollments_list", tag: .enrollment, "The client's enrollments",
        access: .enrolling, answers: [.page(of: "Enrollment")]
    ).asks(.page)

    static let create = Operation(
        .post, "/api/auth/enrollments", id: "auth_enrollments_create", tag: .enrollment,
        "Open an enrollment session for a user who is known", access: .enrolling,
        answers: [
            .created(.component("CreatedEnrollment")), .error(.notFound, "The user is not known, or not active."),
        ]
    ).takes(
        .object(
            members(status: Schema.choice(EnrollmentStatus.self).note("Without effect: it begins as `pending`.")) + [
                .optional("total_samples", Schema.integer(1...10).orNull.note("Good frames wanted; three at least.")),
                ConsentBody.asked,
            ])
    ).with {
        $0.feature = .enrollment
        $0.creates = true
    }

    static let retrieve = Operation(
        .get, "/api/auth/enrollments/{id}", id: "auth_enrollments_retrieve", tag: .enrollment, "An enrollment",
        access: .enrolling, answers: [.ok(.component("Enrollment"))]
    ).ofUUID()

    static let update = Operation(
        .put, "/api/auth/enrollments/{id}", id: "auth_enrollments_update", tag: .enrollment, "Change an enrollment",
        access: .tenant, answers: [.ok(.component("Enrollment")), state]
    ).ofUUID().takes(.object(changeable))

    static let partialUpdate = Operation(
        .patch, "/api/auth/enrollments/{id}", id: "auth_enrollments_partial_update", tag: .enrollment,
        "Change some of an enrollment", access: .tenant, answers: [.ok(.component("Enrollment")), state]
    ).ofUUID().takes(.object(changeable.map(\.asOptional)))

    static let destroy = Operation(
        .delete, "/api/auth/enrollments/{id}", id: "auth_enrollments_destroy", tag: .enrollment,
        "Remove an enrollment; the templates made by it go at once", access: .tenant, answers: [.noContent]
    ).ofUUID().details("The user stays known and is not enrolled any more; an open session ends.")
}
