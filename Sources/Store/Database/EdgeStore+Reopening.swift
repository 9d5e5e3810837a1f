import EdgeCore
import GRDB
import Logging
import Synchronization

/// What becomes of the store when the disk fails.
extension EdgeStore {
    /// What callers get while there is no connection that could be trusted.
    var unusable: EdgeError {
        connection.isClosed
            ? EdgeError(.storeUnavailable, "The store is closed.")
            : EdgeError(.storeUnavailable, "The store could not be read or written and is being opened again.")
    }

    /// Checks the connection, reads what is kept in memory, and lets everybody use it.
    func admitConnection() async throws(EdgeError) {
        do {
            // Without its own notes no store opens, however full the disk.
            try await WriteUrgency.$current.withValue(.urgent) {
                try await StoreConnection.$isChecking.withValue(true) {
                    try await checkKeys()
                    try await checkKeyRing()
                    try await loadTail()
                    try await mendNotes()
                    try await loadIdentity()
                    try await tellAlarms()
                    try await forgetOutdatedBackups()
                    await endInterval()
                    try await loadClients()
                    try await loadRevokedFamilies()
                    try await loadFleet()
                }
            }
        } catch { throw storeError(error) }
        guard connection.admit() else { throw unusable }
        reportDamagedFiles()
    }

    /// Has `body` called each time that the file was opened again: a write that was refused when the disk failed may be in it.
    public func whenReopened(_ body: @escaping @Sendable () async -> Void) {
        reopeningListener.withLock { $0 = body }
    }

    /// Never uses this connection again, and opens the file anew.
    ///
    /// What a failed sync has left in the kernel's memory counts as written there and is on no disk. Opening writes the
    /// log into the file page by page and syncs that, so nothing is answered on the strength of such pages.
    func lose(_ queue: DatabaseQueue, after error: any Error) {
        guard connection.lose(queue) else { return }
        let failure = storeError(error)
        log.critical(
            "store lost", metadata: ["code": "\(failure.code.rawValue)", "facts": "\(failure.detail)"])
        if isMoved(error) {
            health.raise(
                "store.io",
                title: "The store's file was moved, removed or replaced under the daemon; nothing is written.",
                severity: .error,
                remedy: "Put the file back, or restart edged: the newest backup takes the place of a file that is gone."
            )
        } else {
            health.raise(
                "store.io", title: "The store could not be read or written; it is being opened again.",
                severity: .error,
                remedy: "Look for disk errors in the system's journal; replace the storage when this comes again.")
        }
        reopening.withLock { $0 = Task.detached { [self] in await reopen(after: queue) } }
    }

    /// Notices a file that was moved away also while nobody writes.
    func lookForFile() {
        guard !place.isKept, let queue = connection.queue else { return }
        lose(queue, after: FilePlace.moved)
    }

    /// Notes what a transaction's end says about the disk.
    func took(_ error: (any Error)?) {
        guard let error else {
            noteMemory(isShort: false)
            return room.wrote()
        }
        if isDiskFull(error) { room.ranOut() }
        noteTrouble(error)
    }

    /// Notes what a failure says about the file and about the device's memory.
    func noteTrouble(_ error: any Error) {
        if isOutOfMemory(error) { noteMemory(isShort: true) }
        noteDamage(error)
    }

    /// The condition stands until the next transaction is on disk.
    private func noteMemory(isShort: Bool) {
        let isNews = isShortOfMemory.withLock { known in
            defer { known = isShort }
            return known != isShort
        }
        guard isNews else { return }
        guard isShort else { return health.clear("store.memory") }
        log.error("no memory for the store", metadata: ["code": "\(ErrorCode.storeUnavailable.rawValue)"])
        health.raise(
            "store.memory", title: "The store found no memory and refused what it was asked for.", severity: .error,
            remedy: "Look at what uses the device's memory; restart edged when it is edged.")
    }

    /// Damage that is met while the device works is mended at the next start, which looks through the file.
    func noteDamage(_ error: any Error) {
        guard isDamage(error) else { return }
        let isNew = isSuspect.withLock { isSuspect in
            defer { isSuspect = true }
            return !isSuspect
        }
        guard isNew else { return }
        log.critical("store damaged", metadata: ["code": "\(ErrorCode.storeCorrupt.rawValue)"])
        reportDamage()
    }

    private func reportDamage() {
        health.raise(
            ErrorCode.storeCorrupt.rawValue, title: "A page of the store's file is damaged.", severity: .error,
            remedy: "Restart edged: the file is looked through and mended as far as it goes.")
    }

    /// Waits until a lost connection has been replaced.
    func settle() async { await reopening.withLock { $0 }?.value }

    private func reopen(after lost: DatabaseQueue) async {
        var pause = options.reopening.lowerBound
        var isReleased = false
        while !connection.isClosed {
            do throws(EdgeError) {
                // Held open it would keep the lock, and every further attempt out.
                if !isReleased { try await blocking { try lost.close() } }
                isReleased = true
                try await bringBack()
                health.clear("store.io")
                health.clear(ErrorCode.storeCorrupt.rawValue)
                log.notice("store opened again")
                await reopeningListener.withLock { $0 }?()
                return
            } catch {
                if error.code == .storeCorrupt { reportDamage() }
                log.error(
                    "store not opened again", metadata: ["code": "\(error.code.rawValue)", "facts": "\(error.detail)"])
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, options.reopening.upperBound)
        }
        // A closed store holds nothing.
        if !isReleased { try? await blocking { try lost.close() } }
    }

    private func bringBack() async throws(EdgeError) {
        let queue = try await blocking { [directory, sums, place, isExpected = options.isExpected] in
            guard !place.isGone else { throw EdgeError(.storeUnavailable, "The store's file is not there any more.") }
            try DatabaseFile.requireBegun(in: directory, isExpected: isExpected)
            let queue = try DatabaseFile.open(directory: directory, sums: sums)
            place.noteOpened()
            return queue
        }
        do throws(EdgeError) {
            guard connection.takeIn(queue) else { throw unusable }
            try await admitConnection()
        } catch {
            _ = connection.lose(queue)
            try await blocking { try queue.close() }
            throw error
        }
    }
}
