import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// How one lane stands.
struct LaneState: Equatable {
    /// The number of the newest record.
    var last: Int64 = 0
    /// The running hash after it.
    var head = ChainHash.start
    /// Every record up to this number is not here any more.
    var released: Int64 = 0
    /// The running hash after that one: what the oldest record here follows.
    var releasedHead = ChainHash.start
    /// Every record up to this number is on disk at central.
    var acknowledged: Int64 = 0
    /// What the records here take.
    var bytes: Int64 = 0

    var depth: Int64 { last - released }
}

/// How all lanes of the present epoch stand; one value in `meta`, on a page that each audit line writes anyway.
struct LaneStates: Equatable {
    /// Which life of the file the lanes count.
    let epoch: [UInt8]
    private var states = [LaneState](repeating: LaneState(), count: Lane.allCases.count)

    /// Lanes without records.
    init(epoch: [UInt8]) { self.epoch = epoch }

    subscript(lane: Lane) -> LaneState {
        get { states[lane.priority] }
        set { states[lane.priority] = newValue }
    }

    /// As they are kept; `nil` when there are none yet.
    ///
    /// Throws `store.corrupt` for a value that cannot be read.
    static func read(_ db: Database) throws -> LaneStates? {
        let kept = try Data.fetchOne(db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'outbox'"))
        return try kept.map { try LaneStates(bytes: Array($0.prefix(length))) }
    }

    /// Whether they are kept as this device wrote them.
    static func isAuthentic(_ db: Database, _ secrets: any SecretKeeper) throws -> Bool {
        let kept = try Data.fetchOne(db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'outbox'"))
        guard let kept = kept.map({ Array($0) }) else { return true }
        guard kept.count == length + 32 else { return false }
        return secrets.equal(
            Array(kept[length...]), try secrets.digest(Array(kept[..<length]), purpose: purpose))
    }

    func keep(_ db: Database, _ secrets: any SecretKeeper) throws {
        let value = try bytes + secrets.digest(bytes, purpose: Self.purpose)
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('outbox', ?)")
            .execute(arguments: [Data(value)])
    }
}

extension LaneStates {
    private static let purpose = "outbox.lanes"
    private static let version: UInt8 = 1
    private static let stateLength = 4 * 8 + 2 * 32
    private static let length = 1 + 16 + Lane.allCases.count * stateLength

    private var bytes: [UInt8] {
        var bytes = [Self.version] + epoch
        for state in states {
            for number in [state.last, state.released, state.acknowledged, state.bytes] {
                bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
            }
            bytes += state.head.bytes + state.releasedHead.bytes
        }
        return bytes
    }

    private init(bytes: [UInt8]) throws {
        guard bytes.count == Self.length, bytes[0] == Self.version else { throw Self.damaged }
        self.init(epoch: Array(bytes[1..<17]))
        for place in states.indices {
            let start = 17 + place * Self.stateLength
            func number(_ index: Int) -> Int64 {
                bytes[(start + index * 8)..<(start + index * 8 + 8)].reduce(0) { $0 << 8 | Int64($1) }
            }
            guard let head = ChainHash(Array(bytes[(start + 32)..<(start + 64)])),
                let releasedHead = ChainHash(Array(bytes[(start + 64)..<(start + 96)]))
            else { throw Self.damaged }
            states[place] = LaneState(
                last: number(0), head: head, released: number(1), releasedHead: releasedHead, acknowledged: number(2),
                bytes: number(3))
        }
    }

    private static var damaged: EdgeError { EdgeError(.storeCorrupt, "How the lanes stand cannot be read.") }
}

extension UUID {
    /// An identifier of sixteen bytes; `nil` for any other length.
    init?(bytes b: [UInt8]) {
        guard b.count == 16 else { return nil }
        self.init(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
            ))
    }
}
