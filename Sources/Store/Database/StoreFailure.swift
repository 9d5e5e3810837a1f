import EdgeCore
import GRDB

/// What a failure inside the room means outside of it.
///
/// SQLite's message is left out where it could quote a value.
func storeError(_ error: any Error) -> EdgeError {
    if let known = error as? EdgeError { return known }
    guard let failure = error as? DatabaseError else {
        return EdgeError(.storeUnavailable, "The store failed: \(type(of: error)).")
    }
    if isMoved(failure) {
        return EdgeError(.storeUnavailable, "The store's file was moved, removed or replaced.")
    }
    let facts = "SQLite code \(failure.extendedResultCode.rawValue)"
    switch failure.resultCode {
    case .SQLITE_FULL: return EdgeError(.storeFull)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return EdgeError(.storeCorrupt, "The store's file is damaged (\(facts)).")
    case .SQLITE_BUSY, .SQLITE_LOCKED: return EdgeError(.storeBusy)
    case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_NOMEM:
        return EdgeError(.storeUnavailable, "The store cannot be read or written (\(facts)).")
    case .SQLITE_MISUSE: return EdgeError(.storeUnavailable, "The store is closed.")
    default: return EdgeError(.internalFault, "The store refused a statement (\(facts)).")
    }
}

/// Whether nobody knows any more what of the file is on the disk: the connection is not to be trusted after this.
func isDiskFault(_ error: any Error) -> Bool {
    switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_IOERR?, .SQLITE_CANTOPEN?, .SQLITE_READONLY?: true
    default: false
    }
}

/// Whether the file does not lie any more where it was opened.
func isMoved(_ error: any Error) -> Bool {
    (error as? DatabaseError)?.extendedResultCode == .SQLITE_READONLY_DBMOVED
}

/// Whether the disk had no room; SQLite has undone the transaction, and the connection is as good as before.
func isDiskFull(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_FULL }

/// Whether SQLite found no memory; it has undone the statement, and the connection is as good as before.
func isOutOfMemory(_ error: any Error) -> Bool { (error as? DatabaseError)?.resultCode == .SQLITE_NOMEM }

/// Whether SQLite came upon a damaged page.
func isDamage(_ error: any Error) -> Bool {
    switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_CORRUPT?, .SQLITE_NOTADB?: true
    default: false
    }
}
