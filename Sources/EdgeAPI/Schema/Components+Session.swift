import EdgeCore

extension Components {
    static let sessionSchemas: [(key: String, value: Schema)] = [
        ("CreatedSession", createdSession), ("Session", session), ("SessionAnswer", sessionAnswer),
        ("MatchedUser", matchedUser),
    ]

    private static let createdSession = Schema.object([
        .required("session_token", .anyText.note("Names the session; a secret.")), .required("session_id", .uuid),
        .optional("enrollment_id", .uuid), .required("status", .choice(SessionState.self)),
        .optional("target_samples", .count), .optional("session_type", .choice(SessionKind.self)),
        .required("expires_at", .dateTime), .required("message", .anyText),
        .required("frame_source", .choice(FrameOrigin.self)), .optional("camera", .anyText),
        .optional("challenge", .choice(LivenessChallenge.self)), .optional("instruction", .anyText),
        .optional("websocket_url", .anyText),
    ])

    /// What each answer to a frame says, and each look at a session.
    private static let answerMembers: [Schema.Property] = [
        .required("success", Schema.boolean.note("For an authentication true only with `result` `success`.")),
        .required("session_status", .choice(SessionState.self)), .required("requires_more_frames", .boolean),
        .required("reason", Schema.anyText.orNull.note("A stable code.")), .required("message", .anyText),
        .required("session_id", .uuid), .required("frames_processed", .count),
        .required("completed_samples", .count), .required("target_samples", .count),
        .required("liveness_verified", .boolean), .required("liveness_score", Schema.share.orNull),
        .required("quality_score", Schema.share.orNull),
        .optional("enrollment_progress", .number(0...100)), .optional("enrollment_complete", .boolean),
        .optional("enrollment_id", .uuid), .optional("user", .component("MatchedUser")),
        .optional("result", .choice(["success", "failure"])), .optional("matched_user", .component("MatchedUser")),
        .optional("client_user_id", .uuid), .optional("similarity_score", Schema.number(-1...1).orNull),
        .optional("error", .anyText), .optional("error_code", .anyText), .optional("frame_accepted", .boolean),
        .optional("frame_rejected", .boolean), .optional("rejection_reason", .anyText),
        .optional("quality_measures", .openObject.note("By the names of ISO/IEC 29794-5; scores 0 to 100.")),
        .optional("face", .openObject.note("Box, landmarks and the frame's size, pixels.")),
        .optional("session_feedback", .anyText), .optional("anti_spoofing_score", Schema.share.orNull),
        .optional("can_complete_enrollment", .boolean), .optional("preview_image", Schema.anyText.orNull),
        .optional("obstacles", .list(.anyText)), .optional("obstacles_detected", .list(.anyText)),
        .optional("obstacle_confidence", .openObject), .optional("attempted_frame", .count),
        .optional("min_frames_required", .count), .optional("liveness_blinks", .count),
        .optional("liveness_motion_events", .count), .optional("match_fallback_used", .boolean),
        .optional("session_token", Schema.anyText.orNull), .optional("authentication_metadata", .openObject),
        .optional("challenge", .choice(LivenessChallenge.self)), .optional("instruction", .anyText),
    ]

    private static let sessionAnswer = Schema.object(answerMembers)

    private static let session = Schema.object(
        [
            .required("id", .uuid), .required("client", .uuid), .required("client_id", .anyText),
            .required("client_user", .uuid.orNull),
            .required("client_user_info", Schema.component("UserBrief").orNull),
            .required("ip_address", .anyText.orNull), .required("user_agent", .anyText.orNull),
            .required("status", .choice(SessionState.self)), .required("session_type", .choice(SessionKind.self)),
            .required("frame_source", .choice(FrameOrigin.self)), .optional("camera", .anyText),
            .required("created_at", .dateTime), .required("expires_at", .dateTime),
            .required("completed_at", Schema.dateTime.orNull), .required("metadata", .openObject),
            .optional("user_id", Schema.anyText.orNull), .optional("enrollment_status", .choice(SessionState.self)),
        ] + answerMembers)

    private static let matchedUser = Schema.object([
        .required("user_id", .anyText.note("The id in the client's own system.")), .required("id", .uuid),
        .required("external_user_id", .anyText), .required("display_name", .anyText),
        .required("is_enrolled", .boolean),
    ])
}
