import EdgeCore

/// Who may call an operation.
enum Access: Sendable, Equatable {
    /// Anybody; credentials that come along are not looked at.
    case open
    /// Anybody, who is told more with good credentials; bad ones are refused.
    case optional(Set<ClientScope>)
    /// Clients of these scopes.
    case scopes(Set<ClientScope>)

    /// Every kind of client but a member of the fleet, which only syncs.
    static let anyClient = Access.scopes(Set(ClientScope.allCases).subtracting([.device]))
    /// Members of the fleet.
    static let member = Access.scopes([.device])
    /// Whoever opens and follows sessions.
    static let sessions = Access.scopes([.kiosk, .door, .integrator, .admin])
    /// Whoever may make people known: everybody but doors.
    static let enrolling = Access.scopes([.kiosk, .integrator, .admin])
    /// A tenant's own backend.
    static let tenant = Access.scopes([.integrator, .admin])
    /// A tenant's own backend, and technicians, who see no people there.
    static let insight = Access.scopes([.technician, .integrator, .admin])
    /// Administrators of the device.
    static let admin = Access.scopes([.admin])

    var scopes: Set<ClientScope> {
        switch self {
        case .open: []
        case .optional(let scopes), .scopes(let scopes): scopes
        }
    }
}

/// Whose request it is.
enum Caller: Sendable {
    /// Without credentials.
    case nobody
    /// An API client.
    case client(ClientRecord)
    /// Somebody with a short-lived token made on the device itself: reads, and belongs to no tenant.
    case technician

    var client: ClientRecord? { if case .client(let client) = self { client } else { nil } }

    var scope: ClientScope? {
        switch self {
        case .nobody: nil
        case .client(let client): client.scope
        case .technician: .technician
        }
    }

    /// For audit lines: never a secret.
    var name: String? {
        switch self {
        case .nobody: nil
        case .client(let client): client.publicID
        case .technician: "technician"
        }
    }
}
