/// One member of an event's data.
public struct PayloadField: Sendable, Equatable {
    /// What a member's value is.
    public enum Kind: Sendable, Equatable {
        case text
        case uuid
        /// ISO 8601 in UTC.
        case time
        case integer
        case number
        case flag
        case object([PayloadField])
    }

    /// Its name.
    public let name: String
    /// What its value is.
    public let kind: Kind
    /// Whether it may be `null`.
    public let isNullable: Bool

    /// A member that is always there.
    public init(_ name: String, _ kind: Kind, null isNullable: Bool = false) {
        self.name = name
        self.kind = kind
        self.isNullable = isNullable
    }
}

extension WebhookEventKind {
    /// The members of the event's data; each is always there.
    public var payload: [PayloadField] {
        switch self {
        case .authenticationFailed:
            Self.sessionName + [
                PayloadField("user_id", .text, null: true), PayloadField("error", .text),
                PayloadField("failure_reason", .text, null: true),
                PayloadField("authentication_data", .object(Self.scores)), Self.sessionData,
            ]
        case .authenticationSuccess: Self.success
        case .credentialsReset:
            [PayloadField("api_key", .flag), PayloadField("api_secret", .flag), PayloadField("webhook_secret", .flag)]
        case .enrollmentCompleted: Self.enrolled
        case .enrollmentFailed:
            [PayloadField("user_id", .text, null: true), PayloadField("enrollment_id", .uuid, null: true)]
                + Self.sessionName + [
                    PayloadField("error", .text), PayloadField("error_code", .text),
                    PayloadField("failure_reason", .text, null: true), Self.sessionData,
                ]
        case .livenessFailed, .spoofingDetected:
            Self.sessionName + [
                PayloadField("user_id", .text, null: true), PayloadField("liveness_score", .number, null: true),
                PayloadField("anti_spoofing_score", .number, null: true), Self.sessionData,
            ]
        case .securityAlert:
            [
                PayloadField("security_event_id", .uuid), PayloadField("event_type", .text),
                PayloadField("severity", .text), PayloadField("session_id", .uuid, null: true),
                PayloadField("client_user_id", .uuid, null: true),
            ]
        case .sessionCancelled, .sessionExpired: Self.cutOff
        case .sessionCreated: Self.opened
        case .userActivated, .userCreated, .userDeactivated, .userUpdated, .userEnrolled:
            [PayloadField("user_id", .text), PayloadField("client_user_id", .uuid)]
        case .userDeleted: [PayloadField("client_user_id", .uuid)]
        case .endpointDisabled: [PayloadField("endpoint_id", .uuid), PayloadField("endpoint_name", .text)]
        }
    }

    private static let sessionName = [
        PayloadField("session_id", .uuid), PayloadField("session_token", .text, null: true),
    ]

    private static let sessionData = PayloadField(
        "session_data",
        .object([
            PayloadField("session_type", .text), PayloadField("started_at", .time),
            PayloadField("completed_at", .time, null: true), PayloadField("frames_processed", .integer),
            PayloadField("liveness_blinks", .integer, null: true),
            PayloadField("liveness_motion_events", .integer, null: true),
        ]))

    private static let scores = [
        PayloadField("similarity_score", .number, null: true), PayloadField("quality_score", .number, null: true),
        PayloadField("liveness_score", .number, null: true), PayloadField("anti_spoofing_score", .number, null: true),
        PayloadField("liveness_verified", .flag),
    ]

    private static let success =
        [PayloadField("user_id", .text), PayloadField("client_user_id", .uuid)] + sessionName + [
            PayloadField(
                "authentication_data",
                .object(
                    scores + [
                        PayloadField("confidence", .number, null: true), PayloadField("authentication_level", .text),
                    ])),
            PayloadField(
                "user_data",
                .object([
                    PayloadField("external_user_id", .text), PayloadField("is_enrolled", .flag),
                    PayloadField("profile_image_url", .text, null: true),
                ])), sessionData,
        ]

    private static let enrolled =
        [
            PayloadField("user_id", .text), PayloadField("client_user_id", .uuid),
            PayloadField("enrollment_id", .uuid, null: true),
        ] + sessionName + [
            PayloadField(
                "enrollment_data",
                .object([
                    PayloadField("status", .text), PayloadField("quality_score", .number, null: true),
                    PayloadField("liveness_score", .number, null: true),
                    PayloadField("anti_spoofing_score", .number, null: true), PayloadField("sample_number", .integer),
                    PayloadField("total_samples", .integer), PayloadField("face_image_url", .text, null: true),
                    PayloadField("completed_at", .time),
                ])), sessionData,
        ]

    private static let cutOff = [
        PayloadField("session_id", .uuid), PayloadField("session_type", .text),
        PayloadField("user_id", .text, null: true), PayloadField("reason", .text),
    ]

    private static let opened = [
        PayloadField("session_id", .uuid), PayloadField("session_type", .text),
        PayloadField("user_id", .text, null: true), PayloadField("enrollment_id", .uuid, null: true),
        PayloadField("frame_source", .text), PayloadField("created_at", .time), PayloadField("expires_at", .time),
    ]
}

extension WebhookEventKind {
    /// The event's data as JSON Schema.
    public var payloadSchema: PayloadValue { Self.schema(of: payload) }

    /// Data of the event's form that nothing real stands behind, for tests of an endpoint.
    public var samplePayload: PayloadValue { Self.sample(of: payload) }

    private static func schema(of fields: [PayloadField]) -> PayloadValue {
        [
            "type": "object",
            "properties": .object(fields.map { PayloadValue.Member($0.name, schema(of: $0)) }),
            "required": .list(fields.map { .text($0.name) }),
        ]
    }

    private static func schema(of field: PayloadField) -> PayloadValue {
        let (type, format): (PayloadValue, String?) =
            switch field.kind {
            case .text: ("string", nil)
            case .uuid: ("string", "uuid")
            case .time: ("string", "date-time")
            case .integer: ("integer", nil)
            case .number: ("number", nil)
            case .flag: ("boolean", nil)
            case .object: ("object", nil)
            }
        if case .object(let fields) = field.kind { return schema(of: fields) }
        var members = [PayloadValue.Member("type", field.isNullable ? [type, "null"] : type)]
        if let format { members.append(PayloadValue.Member("format", .text(format))) }
        return .object(members)
    }

    private static func sample(of fields: [PayloadField]) -> PayloadValue {
        .object(
            fields.map { field in
                let value: PayloadValue =
                    switch field.kind {
                    case .text: "example"
                    case .uuid: "00000000-0000-4000-8000-000000000000"
                    case .time: "2026-01-01T00:00:00Z"
                    case .integer: 1
                    case .number: .number(0.5)
                    case .flag: true
                    case .object(let fields): sample(of: fields)
                    }
                return PayloadValue.Member(field.name, value)
            })
    }
}
