import EdgeCore
import HTTPTypes

extension SessionRoutes {
    private enum SessionType: String, CaseIterable { case webcam, mobile, api }

    private static let shared: [Schema.Property] = [
        .required("session_type", .choice(SessionType.self)),
        .optional("frame_source", .choice(FrameOrigin.self).note("Who supplies the frames; `upload` when not said.")),
        .optional(
            "camera",
            Schema.text().note("Which of the device's cameras, by name or role; only with `frame_source` `camera`.")),
    ]

    private static let metadata = Schema.object([
        .optional("display_name", Schema.text(0...maximumMetadataBytes, blank: true).orNull),
        .optional("device_info", .anything), .optional("origin", .anything),
    ]).note("Kept with the session, at most 4 KiB; `target_samples` (1 to 10) and `display_name` are used.")

    static let enrollment = Operation(
        .post, "/api/auth/enrollment", id: "auth_enrollment_create", tag: .enrollment, "Open an enrollment session",
        access: .enrolling, answers: [.created(.component("CreatedSession")), noCamera]
    ).takes(
        .object(
            [.required("user_id", Schema.text(number: true).note("The user's id in your own system."))] + shared + [
                .optional("metadata", metadata), ConsentBody.asked,
            ])
    ).with {
        $0.feature = .enrollment
        $0.creates = true
    }.with { $0.answers.append(.error(.notFound, "The user is not active.")) }
        .details("A user who is not known yet is made known when the enrollment completes.")

    static let authentication = Operation(
        .post, "/api/auth/authentication", id: "auth_authentication_create", tag: .recognition,
        "Open a verification (with user_id) or an identification (without, or null)", access: .sessions,
        answers: [.created(.component("CreatedSession")), noCamera]
    ).takes(
        .object(
            [.optional("user_id", Schema.text(number: true).orNull)] + shared + [
                .optional(
                    "require_liveness",
                    Schema.boolean.orNull.note("Taken and without effect: the device's own liveness policy decides.")),
                .optional("metadata", metadata),
            ])
    ).with {
        $0.feature = .recognition
        $0.creates = true
    }

    static let list = Operation(
        .get, "/api/auth/sessions", id: "auth_sessions_list", tag: .sessions, "The client's sessions",
        access: .sessions, answers: [.page(of: "Session")]
    ).asks(
        .page, .optional("status", .choice(SessionState.self)), .optional("session_type", .choice(SessionKind.self)))

    static let show = Operation(
        .get, "/api/auth/sessions/{session}", id: "auth_sessions_retrieve", tag: .sessions,
        "A session as it stands, by token or by id", access: .sessions, answers: [.ok(.component("Session"))])

    static let status = Operation(
        .get, "/api/auth/sessions/{session}/status", id: "auth_sessions_status_retrieve", tag: .sessions,
        "A session as it stands", access: .sessions, answers: [.ok(.component("Session"))])

    static let cancelling = Operation(
        .post, "/api/auth/sessions/{session}/cancel", id: "auth_sessions_cancel_create", tag: .sessions,
        "End an open session without a decision", access: .sessions,
        answers: [.ok(.component("Session")), closed, expired])

    static let deleting = Operation(
        .delete, "/api/auth/sessions/{session}", id: "auth_sessions_destroy", tag: .sessions,
        "End an open session without a decision", access: .sessions,
        answers: [.ok(.component("Session")), closed, expired])

    static let noCamera = Operation.Answer.error(.notFound, "There is no such user, or no such camera.")
    static let closed = Operation.Answer.error(.conflict, "The session has ended already; read its result.")
    static let expired = Operation.Answer.error(.badRequest, "The session has expired.")
}
