import EdgeCore

/// Why PostgreSQL did not do something.
enum PostgresFault: Error, Equatable {
    /// It cannot be reached, or went away. Whether a commit that was under way came through is not known.
    case lost(String)
    /// It refused, by its five-character SQLSTATE.
    case refused(state: String, String)

    /// Whether the same transaction may come through when it is run again: another one was in the way.
    var isPassing: Bool {
        if case .refused(let state, _) = self { ["40001", "40P01"].contains(state) } else { false }
    }

    var error: EdgeError {
        switch self {
        case .lost(let reason): EdgeError(.storeUnavailable, "PostgreSQL cannot be reached: \(reason)")
        case .refused(let state, let sentence): Self.error(state, sentence)
        }
    }

    private static func error(_ state: String, _ sentence: String) -> EdgeError {
        switch state {
        case "53100": return EdgeError(.storeFull, "PostgreSQL's disk is full.")
        case "40001", "40P01", "55P03", "57014":
            return EdgeError(.storeBusy, "PostgreSQL gave up on a transaction (\(state)).", retryAfter: .seconds(5))
        case "XX001", "XX002":
            return EdgeError(.storeCorrupt, "PostgreSQL says that the database is damaged (\(state)).")
        default: break
        }
        switch state.prefix(2) {
        // Connections, privileges, a missing database or table, resources, an operator who intervenes, the system.
        case "08", "28", "3D", "42", "53", "57", "58":
            return EdgeError(.storeUnavailable, "PostgreSQL refuses (\(state)): \(sentence)")
        default: return EdgeError(.internalFault, "PostgreSQL refused a statement (\(state)).")
        }
    }
}

/// Asks for the transaction to be run again with nobody beside it.
struct NeedsSolitude: Error {}
