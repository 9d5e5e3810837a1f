import Dispatch
import EdgeCore
import GRDB

/// What becomes of a failure of the database outside of this room.
func centralError(_ error: any Error) -> EdgeError {
    if let error = error as? EdgeError { return error }
    if let fault = error as? PostgresFault { return fault.error }
    guard let error = error as? DatabaseError else { return EdgeError(.internalFault, "Central failed.") }
    let number = error.extendedResultCode.rawValue
    switch error.resultCode.primaryResultCode {
    case .SQLITE_FULL: return EdgeError(.storeFull, "The disk of central's file is full.")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return EdgeError(.storeCorrupt, "Central's file is damaged (\(number)).")
    case .SQLITE_BUSY, .SQLITE_LOCKED: return EdgeError(.storeBusy, "Another process holds central's file.")
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM:
        return EdgeError(.storeUnavailable, "Central's file cannot be used (\(number)).")
    default: return EdgeError(.internalFault, "Central's database refused a statement (\(number)).")
    }
}

/// Whether what SQLite holds in memory may differ from the disk after this failure: the connection is not used again.
func isDiskFault(_ error: any Error) -> Bool {
    guard let code = (error as? DatabaseError)?.resultCode.primaryResultCode else { return false }
    return [.SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB].contains(code)
}

/// Runs work that blocks on a thread of its own.
func blocking<Outcome: Sendable>(
    _ body: @escaping @Sendable () throws -> Outcome
) async throws(EdgeError) -> Outcome {
    let result: Result<Outcome, EdgeError> = await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: Result(catching: body).mapError(centralError)) }
    }
    return try result.get()
}
