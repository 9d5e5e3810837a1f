public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import Synchronization

/// How the tail of the audit trail is sealed at present.
public struct AuditTailStatus: Sendable, Equatable {
    /// Which first key was given out; 16 bytes.
    public let generation: [UInt8]
    /// The present interval.
    public let interval: Int64
    /// The first line that was sealed.
    public let since: Int64
}

/// The keys of the tail that are in memory: the present one, and the next while the trail goes over to it.
struct TailKeys: Sendable {
    var held: [AuditTailKey] = []
    /// Whether somebody is about to exchange them.
    var isChanging = false
}

extension EdgeStore {
    /// Starts a new generation of seals and gives out its first key: the only time that it is ever here.
    ///
    /// The line that ends the generation before is sealed by that one's last key. Throws `store.busy` while an interval
    /// is just ending, `store.unavailable` and `store.full` when the present key cannot be kept.
    public func beginAuditTail() async throws(EdgeError) -> AuditTailKey {
        var generator = SystemRandomNumberGenerator()
        func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: .min ... .max, using: &generator) } }
        guard let first = AuditTailKey(generation: random(16), interval: 0, key: random(32)) else {
            throw EdgeError(.internalFault)
        }
        let isDone = try await changeTail(to: { _ in first }) { [self] position, db in
            let name = AuditTail.digits(first.generation)
            if let position, holds(position) {
                try audit(tailLine(AuditTail.sealed, #"{"interval":\#(position.interval),"next":"\#(name)"}"#), db)
            }
            try TailPosition(first).keep(db)
            try audit(tailLine(AuditTail.begun, #"{"generation":"\#(name)"}"#), db)
            return true
        }
        guard isDone else { throw EdgeError(.storeBusy, "An interval of the audit trail is just ending.") }
        health.clear("audit.tail.off")
        return first
    }

    /// Ends the present interval if lines were written in it; its key is gone when this returns.
    func advanceTail() async throws(EdgeError) {
        try await tellTouchedTail()
        let isDue = try await read { db in
            guard try TailPosition(db) != nil else { return false }
            let newest = try String.fetchOne(db, sql: "SELECT action FROM audit ORDER BY sequence DESC LIMIT 1")
            return newest != AuditTail.sealed
        }
        guard isDue else { return }
        let next: @Sendable (AuditTailKey?) throws(EdgeError) -> AuditTailKey? = { [signer] key throws(EdgeError) in
            try key?.next(signer)
        }
        _ = try await changeTail(to: next) { [self] position, db in
            guard let position, holds(position) else { return false }
            try audit(tailLine(AuditTail.sealed, #"{"interval":\#(position.interval)}"#), db)
            try TailPosition(generation: position.generation, interval: position.interval + 1).keep(db)
            return true
        }
    }

    /// The same at the start and at the end, which wait for nothing: a device that is switched off holds no key of a line.
    func endInterval() async {
        do throws(EdgeError) { try await advanceTail() } catch {
            log.error("the audit trail's interval did not end", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// How lines are sealed; `nil` when they are not, because no first key was given out or a key was lost.
    public func auditTailStatus() async throws(EdgeError) -> AuditTailStatus? {
        try await read { db in
            guard let position = try TailPosition(db) else { return nil }
            let since = try Int64.fetchOne(
                db, sql: "SELECT max(sequence) FROM audit WHERE action = ?", arguments: [AuditTail.begun])
            return AuditTailStatus(
                generation: position.generation, interval: position.interval, since: since ?? 0)
        }
    }

    /// What the device says of the trail's end, by its present key; `nil` when lines are not sealed.
    func tailEnd(_ db: Database) throws -> AuditExport.TailEnd? {
        guard let position = try TailPosition(db), let key = key(at: position) else { return nil }
        let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0
        let at = clock.wall.column
        let text = AuditTail.statement(
            generation: position.generation, interval: position.interval, newest: newest, at: at)
        return AuditExport.TailEnd(
            generation: AuditTail.digits(position.generation), interval: position.interval, newest: newest, at: at,
            code: Data(try key.code(of: text, signer)))
    }

    // MARK: In the transaction of a line

    /// The key that seals the next line; `nil` when lines are not sealed.
    ///
    /// A key that is not here any more is told in a line of its own, and lines are not sealed from then on.
    func sealingKey(_ db: Database) throws -> AuditTailKey? {
        guard let position = try TailPosition(db) else { return nil }
        if let key = key(at: position) { return key }
        try tellTailThatIsGone(db)
        return nil
    }

    /// The alarm of a key that nobody has any more, where it is not known yet.
    func tellTailThatIsGone(_ db: Database) throws {
        guard let position = try TailPosition(db), !holds(position) else { return }
        try tellLostTail(position, db)
        try AlarmRecord.stand(.lostTail, db)
        onCommit { [self] in raise(.lostTail) }
    }

    /// The line alone, where it is no wonder: an older database does not fit the key that went on.
    func giveUpLostTail(_ db: Database) throws {
        guard let position = try TailPosition(db), !holds(position) else { return }
        try tellLostTail(position, db)
    }

    private func tellLostTail(_ position: TailPosition, _ db: Database) throws {
        try TailPosition.forget(db)
        let details = #"{"generation":"\#(AuditTail.digits(position.generation))","interval":\#(position.interval)}"#
        try audit(tailLine(AuditTail.lost, details, succeeded: false), db)
    }

    private func holds(_ position: TailPosition) -> Bool { key(at: position) != nil }

    private func key(at position: TailPosition) -> AuditTailKey? {
        tail.withLock { $0.held.first { $0.isAt(position) } }
    }

    private func tailLine(_ action: String, _ details: String, succeeded: Bool = true) -> AuditRecord {
        AuditRecord(action: action, succeeded: succeeded, detailsJSON: details, at: clock.wall)
    }

    // MARK: The keys

    /// Reads the present key at the start, and goes forward with it where the database already is.
    func loadTail() async throws(EdgeError) {
        let position = try await read { db in try TailPosition(db) }
        guard let position else { return }
        let (file, signer) = (tailFile, signer)
        let key = try await blocking { () throws -> AuditTailKey? in
            // One read that fails says nothing of the key. A file that cannot be read at all is as good as none: the next line
            // tells that the key is lost.
            let keys = ((try? file.keys()) ?? (try? file.keys()) ?? []).filter {
                $0.generation == position.generation && $0.interval <= position.interval
            }
            guard let nearest = keys.max(by: { $0.interval < $1.interval }) else { return nil }
            let present = try nearest.at(position.interval, signer)
            // A disk that takes none of this does not make the key unknown. What was not overwritten is at the end of the interval;
            // a key that is not in the file then is told as lost.
            if let present, nearest.interval < present.interval { try? file.add(present, besides: nearest) }
            try? file.keepOnly(present)
            return present
        }
        tail.withLock { $0.held = [key].compactMap { $0 } }
    }

    /// Tells of a key file that was changed or taken away while lines are sealed by its key: it is not written anew.
    ///
    /// Nobody could go on with the key after a restart, and whoever wrote there may know it: lines are sealed no more.
    func tellTouchedTail() async throws(EdgeError) {
        // Whoever is exchanging the keys looks first.
        guard beginChange() else { return }
        defer { endChange() }
        try await tellIfLost()
    }

    private func tellIfLost() async throws(EdgeError) {
        guard try await isTailLost() else { return }
        tail.withLock { $0.held = [] }
        try await write(.urgent) { [self] db in try tellTailThatIsGone(db) }
    }

    /// True when nobody else is exchanging the keys; until ``endChange()`` it is the caller who may.
    private func beginChange() -> Bool {
        tail.withLock { tail in
            defer { tail.isChanging = true }
            return !tail.isChanging
        }
    }

    private func endChange() { tail.withLock { $0.isChanging = false } }

    /// Whether lines are to be sealed by a key that is not on disk any more.
    private func isTailLost() async throws(EdgeError) -> Bool {
        let file = tailFile
        // An interval may end between the look at the database and the one at the file.
        for _ in 0..<3 {
            let before = try await read { db in try TailPosition(db) }
            guard let before else { return false }
            let keys = try await blocking { try file.keys() }
            if keys.contains(where: { $0.isAt(before) }) { return false }
            if try await read({ db in try TailPosition(db) }) == before { return true }
        }
        return false
    }

    /// Goes over from the present key to another: the other is on disk before the database says so, and the present one is
    /// overwritten after.
    ///
    /// False when somebody else is at it, or when `record` did nothing.
    private func changeTail(
        to next: @Sendable (AuditTailKey?) throws(EdgeError) -> AuditTailKey?,
        _ record: @escaping @Sendable (TailPosition?, Database) throws -> Bool
    ) async throws(EdgeError) -> Bool {
        guard beginChange() else { return false }
        defer { endChange() }
        try await tellIfLost()
        let position = try await read { db in try TailPosition(db) }
        let present = position.flatMap { key(at: $0) }
        guard let new = try next(present) else { return false }
        let file = tailFile
        try await blocking { try file.add(new, besides: present) }
        tail.withLock { $0.held = [present, new].compactMap { $0 } }
        // Both stay when this throws: who cannot say whether a transaction is on disk needs either.
        let isDone = try await write { db in try record(TailPosition(db), db) }
        let kept = isDone ? new : present
        tail.withLock { $0.held = [kept].compactMap { $0 } }
        // The database has gone over: a disk that fails once must not cost the key that is given out.
        try await blocking { do { try file.keepOnly(kept) } catch { try file.keepOnly(kept) } }
        return isDone
    }
}

extension EdgeStore {
    private var tailFile: TailFile { TailFile(directory: directory, secrets) }

    /// Says whether anybody could tell that the trail was written anew by somebody with all of the device's keys.
    public func reportAuditTail() async throws(EdgeError) {
        guard try await auditTailStatus() == nil else { return health.clear("audit.tail.off") }
        health.raise(
            "audit.tail.off", title: "Nobody holds a key by which the newest audit lines could be checked.",
            severity: .info,
            remedy: "Give one out with edged audit seal-key, and keep it away from the device.")
    }
}
