import EdgeCore
import Logging

/// Something that a store needs done from time to time.
struct Chore: Sendable {
    /// Its name in the log, for example `backup`.
    let name: String
    /// How long after its end it is due again.
    let every: Duration
    /// How long after the store's opening it is due first.
    let first: Duration
    /// Does it; called with a store that is open, never twice at once.
    let work: @Sendable (EdgeStore) async throws(EdgeError) -> Void
}

extension EdgeStore {
    /// All chores, in the order in which they are done when several are due.
    static let chores: [Chore] = [
        Chore(name: "room", every: .seconds(30), first: .seconds(5)) { store throws(EdgeError) in
            store.lookForFile()
            try store.room.look()
        },
        Chore(name: "files beside", every: .seconds(30), first: .seconds(30)) { store throws(EdgeError) in
            try await store.tellTouchedFiles()
        },
        Chore(name: "keys", every: .seconds(3600), first: .seconds(30)) { store throws(EdgeError) in
            try await store.rotateKeysWhenDue()
        },
        Chore(name: "backup", every: .seconds(3600), first: .seconds(60)) { store throws(EdgeError) in
            try await store.backUpWhenDue()
        },
        Chore(name: "retention", every: .seconds(3600), first: .seconds(120)) { store throws(EdgeError) in
            try await store.dropOldRecords()
        },
        Chore(name: "crops", every: .seconds(3600), first: .seconds(10)) { store throws(EdgeError) in
            try await store.removeCropsUnlessKept()
        },
        Chore(name: "models", every: .seconds(600), first: .seconds(600)) { store throws(EdgeError) in
            try await store.reportCoverage()
        },
        Chore(name: "unseen", every: .seconds(86_400), first: .seconds(600)) { store throws(EdgeError) in
            try await store.eraseUnseenPeople()
        },
        Chore(name: "clock", every: .seconds(60), first: .seconds(60)) { store throws(EdgeError) in
            try await store.markTime()
        },
        Chore(name: "checkpoint", every: .seconds(60), first: .seconds(60)) { store throws(EdgeError) in
            try await store.checkpointWhenDue()
        },
        Chore(name: "log", every: .seconds(60), first: .seconds(60)) { store throws(EdgeError) in
            try await store.emptyLogWhenDue()
        },
        Chore(name: "file", every: .seconds(3600), first: .seconds(600)) { store throws(EdgeError) in
            try await store.checkFileWhenDue()
        },
        Chore(name: "anchor", every: .seconds(600), first: .seconds(60)) { store throws(EdgeError) in
            try await store.syncAnchor()
        },
        Chore(name: "snapshot", every: .seconds(60), first: .seconds(60)) { store throws(EdgeError) in
            try await store.snapshotWhenDue()
        },
        Chore(name: "audit tail", every: .seconds(900), first: .seconds(900)) { store throws(EdgeError) in
            try await store.advanceTail()
        },
        Chore(name: "audit retention", every: .seconds(6 * 3600), first: .seconds(600)) { store throws(EdgeError) in
            try await store.pruneAuditWhenDue()
        },
    ]

    /// Does the chores as they fall due, until it is cancelled.
    ///
    /// One that fails is logged and comes again in its turn: housekeeping never ends the daemon.
    public func keepHouse() async throws {
        var due = Self.chores.map { clock.instant.advanced(by: $0.first) }
        while true {
            let next = due.min() ?? clock.instant.advanced(by: .seconds(3600))
            try await FrameClock().sleep(until: next, tolerance: .seconds(1))
            for (place, chore) in Self.chores.enumerated() where due[place] <= clock.instant {
                await perform(chore)
                due[place] = clock.instant.advanced(by: chore.every)
            }
        }
    }

    /// Does one chore now.
    func perform(_ chore: Chore) async {
        do throws(EdgeError) {
            try await chore.work(self)
        } catch {
            log.error(
                "housekeeping failed", metadata: ["chore": "\(chore.name)", "code": "\(error.code.rawValue)"])
        }
    }
}
