import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

extension EdgeStore {
    /// Appends a record to a lane in the transaction of its cause; returns its number there.
    ///
    /// Throws `outbox.full` where the lane's policy refuses the cause: the caller lets it through, and nothing has
    /// happened.
    @discardableResult
    func enqueue(_ draft: OutboxDraft, lane: Lane, _ db: Database) throws -> Int64 {
        var states = try laneStates(db)
        if try makeRoom(in: lane, bytes: draft.size, urgency: draft.urgency, states[lane], db) {
            states = try laneStates(db)
        }
        var state = states[lane]
        let head = try head(of: draft, lane: lane, sequence: state.last + 1, epoch: states.epoch, db)
        let content = try content(of: draft, head)
        let hash = try link(head, after: state.head, digest: content.digest)
        try insert(head, content, hash: hash, db)
        state.last += 1
        state.head = hash
        state.bytes += OutboxRow.cost(kind: draft.kind, payload: content.stored?.count)
        states[lane] = state
        try states.keep(db, secrets)
        onCommit { [fleet] in fleet.wake() }
        return state.last
    }

    /// The running hash after a record.
    func link(_ head: RecordHead, after previous: ChainHash, digest: ChainHash) throws -> ChainHash {
        try sha256(head.link(after: previous, digest: digest))
    }

    func sha256(_ bytes: [UInt8]) throws -> ChainHash {
        guard let hash = ChainHash(try signer.sha256(bytes)) else { throw EdgeError(.internalFault) }
        return hash
    }

    /// The place of a lane in the present epoch.
    func address(_ lane: Lane, epoch: [UInt8], _ db: Database) throws -> LaneAddress {
        guard let device = UUID(bytes: try StoreIdentity.device(db)), let epoch = UUID(bytes: epoch) else {
            throw EdgeError(.storeCorrupt, "The store's identity is damaged.")
        }
        return LaneAddress(device: DeviceID(rawValue: device), epoch: Epoch(rawValue: epoch), lane: lane)
    }

    private func head(
        of draft: OutboxDraft, lane: Lane, sequence: Int64, epoch: [UInt8], _ db: Database
    ) throws -> RecordHead {
        let position = RecordPosition(try address(lane, epoch: epoch, db), sequence: UInt64(sequence))
        return RecordHead(
            position: position, kind: draft.kind, tenant: draft.client?.rawValue, person: draft.person?.rawValue,
            moment: try moment(of: draft, db))
    }

    /// An audit line has its own clocks, and a record that is told again its own time.
    private func moment(of draft: OutboxDraft, _ db: Database) throws -> RecordMoment {
        if let moment = draft.moment { return moment }
        if case .line(let line) = draft.content { return RecordMoment(wall: line.record.at.column, boot: nil) }
        let reading = try clockReading(db)
        guard let boot = UUID(uuidString: reading.bootID) else { throw EdgeError(.internalFault) }
        return RecordMoment(
            wall: reading.wall.column,
            boot: .init(id: boot, time: reading.bootTime, quality: reading.quality.rawValue))
    }

    /// What a record carries, as it is kept and as it is hashed.
    private struct Content {
        let digest: ChainHash
        var stored: [UInt8]?
        var isSealed = false
        var source: Int64?
    }

    private func content(of draft: OutboxDraft, _ head: RecordHead) throws -> Content {
        switch draft.content {
        case .facts(let value):
            let bytes = Array(value.jsonText.utf8)
            return Content(digest: try sha256(bytes), stored: bytes)
        case .line(let line):
            return Content(digest: try sha256(Array(line.canonical.utf8)), source: line.sequence)
        case .personal(let members, let key), .tenant(let members, let key):
            guard let client = draft.client else { throw EdgeError(.internalFault) }
            let salted = PayloadValue.object([.init("salt", .text(PayloadSalt.make()))] + members)
            let bytes = Array(salted.jsonText.utf8)
            let sealed = try sealer.seal(bytes, subjectKey: key, context: SealPlace.outbox(head, of: client))
            return Content(digest: try sha256(bytes), stored: sealed, isSealed: true)
        case .again(let bytes, let key):
            let digest = try sha256(bytes)
            guard let key else { return Content(digest: digest, stored: bytes) }
            guard let client = draft.client else { throw EdgeError(.internalFault) }
            let sealed = try sealer.seal(bytes, subjectKey: key, context: SealPlace.outbox(head, of: client))
            return Content(digest: digest, stored: sealed, isSealed: true)
        case .event(let event, let key):
            let salt = PayloadSalt.make()
            let sealed = try sealer.seal(
                Array(salt.utf8), subjectKey: key, context: SealPlace.outbox(head, of: event.client))
            return Content(
                digest: try sha256(event.payload(salt: salt)), stored: sealed, isSealed: true, source: event.sequence)
        }
    }

    private func insert(_ head: RecordHead, _ content: Content, hash: ChainHash, _ db: Database) throws {
        let boot = head.moment.boot
        try db.cachedStatement(
            sql: """
                INSERT INTO outbox (lane, sequence, kind, tenant_id, person_id, at, boot_id, boot_time, clock_quality,
                    source, is_sealed, payload, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            head.position.address.lane.priority, Int64(head.position.sequence), head.kind,
            head.tenant.map { ClientID(rawValue: $0).column }, head.person.map { PersonID(rawValue: $0).column },
            head.moment.wall, boot.map { BootSubject.ID(rawValue: $0.id).column }, boot?.time, boot?.quality,
            content.source, content.isSealed, content.stored.map { Data($0) }, Data(content.digest.bytes),
            Data(hash.bytes),
        ])
    }
}

/// Names the subject of a boot's id.
enum BootSubject {
    typealias ID = Identifier<BootSubject>
}

extension OutboxDraft {
    /// About what the record will take, for the quota: sealing adds a little.
    var size: Int64 {
        switch content {
        case .facts(let value): OutboxRow.cost(kind: kind, payload: value.jsonText.utf8.count)
        case .personal(let members, _), .tenant(let members, _):
            OutboxRow.cost(kind: kind, payload: PayloadValue.object(members).jsonText.utf8.count + 80)
        case .line: OutboxRow.cost(kind: kind, payload: nil)
        case .event: OutboxRow.cost(kind: kind, payload: 64)
        case .again(let bytes, _): OutboxRow.cost(kind: kind, payload: bytes.count + 80)
        }
    }
}
