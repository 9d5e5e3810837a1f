public import FoundationEssentials

/// A kind of security event, in the reference's words.
public enum SecurityEventType: String, Sendable, Codable, CaseIterable {
    case loginAttempt = "login_attempt"
    case failedAuthentication = "failed_authentication"
    case multipleFaces = "multiple_faces_detected"
    case livenessCheckFailed = "liveness_check_failed"
    case obstacleDetected = "obstacle_detected"
    case spoofingAttempt = "spoofing_attempt"
    case unusualActivity = "unusual_activity"
    case systemError = "system_error"
}

/// How bad a security event is.
public enum SecuritySeverity: String, Sendable, Codable, CaseIterable {
    case low, medium, high, critical
}

/// A security event as stored.
public struct SecurityEventRecord: Sendable, Equatable {
    /// Our id.
    public var id: SecurityEventID
    /// What kind.
    public var type: SecurityEventType
    /// How bad.
    public var severity: SecuritySeverity
    /// The tenant; `nil` for what concerns the device.
    public var client: ClientID?
    /// The person that it is about.
    public var person: PersonID?
    /// A name to show for the person; `nil` once the person was removed.
    public var personName: String?
    /// The session that it came from.
    public var session: SessionID?
    /// The caller's address.
    public var address: String?
    /// What the caller calls itself.
    public var userAgent: String?
    /// Further facts, a JSON object as text.
    public var detailsJSON: String
    /// Whether somebody dealt with it.
    public var isResolved: Bool
    /// When somebody did.
    public var resolvedAt: Date?
    /// When it was noted.
    public var createdAt: Date

    /// An event that nobody has dealt with.
    public init(
        id: SecurityEventID = SecurityEventID(), type: SecurityEventType, severity: SecuritySeverity,
        client: ClientID? = nil, person: PersonID? = nil, session: SessionID? = nil, detailsJSON: String = "{}",
        createdAt: Date
    ) {
        self.id = id
        self.type = type
        self.severity = severity
        self.client = client
        self.person = person
        self.session = session
        self.detailsJSON = detailsJSON
        isResolved = false
        self.createdAt = createdAt
    }
}

/// Which security events are wanted.
public struct SecurityFilter: Sendable {
    /// Whose they may be.
    public var view: InsightView
    /// Only these kinds; `nil` for all.
    public var types: [SecurityEventType]?
    /// Only these severities; `nil` for all.
    public var severities: [SecuritySeverity]?
    /// Only those dealt with, or only those not.
    public var isResolved: Bool?
    /// When they were noted.
    public var span = TimeSpan()

    /// All of a view.
    public init(_ view: InsightView) { self.view = view }
}

/// Whose records a caller may see.
public enum InsightView: Sendable, Equatable {
    /// One tenant's.
    case tenant(ClientID)
    /// One tenant's, and what belongs to no tenant: for administrators of the device.
    case tenantAndDevice(ClientID)
    /// Everybody's; names nobody.
    case everything

    /// The tenant, when it is one.
    public var client: ClientID? {
        switch self {
        case .tenant(let client), .tenantAndDevice(let client): client
        case .everything: nil
        }
    }
}

/// A line of the audit trail with its place in the chain.
public struct AuditEntry: Sendable, Equatable {
    /// The line's number, from 1.
    public let sequence: Int64
    /// The line.
    public let record: AuditRecord
    /// A name to show for the person of the line; `nil` once the person was removed.
    public var personName: String?

    /// Puts an entry together.
    public init(sequence: Int64, record: AuditRecord, personName: String? = nil) {
        self.sequence = sequence
        self.record = record
        self.personName = personName
    }
}

/// One API call as recorded.
public struct UsageRecord: Sendable, Equatable {
    /// The reference's groups of calls.
    public enum Category: String, Sendable, Codable, CaseIterable {
        case enrollment, recognition, liveness, webhook, analytics
    }

    /// Its number in the order of recording; 0 before it is stored.
    public var number: Int64 = 0
    /// Whose credentials came along.
    public var client: ClientID
    /// Which group it belongs to.
    public var category: Category
    /// The operation's id in the API's document.
    public var operation: String
    /// `GET`, `POST` and so on.
    public var method: String
    /// The path with names for its parameters: what stood there may be secret or name a person.
    public var route: String
    /// The HTTP status of the answer.
    public var status: Int
    /// The caller's address; `nil` over a Unix socket.
    public var address: String?
    /// What the caller calls itself.
    public var userAgent: String?
    /// From the request's arrival to its answer, milliseconds.
    public var milliseconds: Double
    /// When the answer was ready.
    public var at: Date

    /// Puts a record together.
    public init(
        client: ClientID, category: Category, operation: String, method: String, route: String, status: Int,
        address: String? = nil, userAgent: String? = nil, milliseconds: Double, at: Date
    ) {
        self.client = client
        self.category = category
        self.operation = operation
        self.method = method
        self.route = route
        self.status = status
        self.address = address
        self.userAgent = userAgent
        self.milliseconds = milliseconds
        self.at = at
    }
}
