import FoundationEssentials
import SyncCore
import Testing

/// A fault that the fleet is to survive, with how often it strikes; 0 is never, 1 always.
struct FaultRates {
    var drop = 0.05
    var duplicate = 0.05
    var truncate = 0.02
    var crash = 0.01
    var diskFull = 0.005
    /// The longest delay of a message; delays are what reorders them.
    var delay = Duration.seconds(40)

    static let none = FaultRates(drop: 0, duplicate: 0, truncate: 0, crash: 0, diskFull: 0, delay: .milliseconds(50))
}

/// A rule broken on purpose, one for each invariant: a simulator that does not notice it proves nothing.
enum Mutation: String, CaseIterable, CustomTestStringConvertible {
    /// I1: the caller is answered before the disk has it.
    case answersBeforeCommit
    /// I2: central takes a batch that leaves records out.
    case takesGaps
    /// I3: central applies a repeated batch again.
    case appliesTwice
    /// I4: central believes a second history.
    case believesForks
    /// I5: a device forgets what was erased.
    case forgetsErasures
    /// I6: a restart makes the lease young again.
    case renewsLeaseByRestart
    /// I7: a push without an answer is never repeated.
    case neverRepeats
    /// I7: a replica that was damaged is not compared with central.
    case comparesNoRoots
    /// I8: misses are counted in memory only.
    case forgetsMisses
    /// I9: a lane grows without end.
    case hasNoQuota

    var testDescription: String { rawValue }

    /// The promise that it breaks.
    var invariant: String {
        switch self {
        case .answersBeforeCommit: "I1"
        case .takesGaps: "I2"
        case .appliesTwice: "I3"
        case .believesForks: "I4"
        case .forgetsErasures: "I5"
        case .renewsLeaseByRestart: "I6"
        case .neverRepeats, .comparesNoRoots: "I7"
        case .forgetsMisses: "I8"
        case .hasNoQuota: "I9"
        }
    }
}

/// What a record says; its bytes are what is chained.
enum Payload: Hashable {
    case enrolled(SubjectKey, SubjectVersion)
    /// The subject asked for it here: everything up to this consent goes, and whatever central knows beyond.
    case erased(SubjectKey, since: UInt64)
    /// An erasure that the device knows of, for a central that was restored.
    case knownErased(SubjectKey, below: UInt64)
    /// The subject is gone from this device.
    case proven(SubjectKey, below: UInt64)
    case decision(UInt64)
    case event(UInt64)
    case lost(Lane, from: UInt64, through: UInt64)
    /// Nobody at central understands it.
    case poison(UInt64)

    var bytes: [UInt8] {
        switch self {
        case .enrolled(let key, let version):
            [0] + key.bytes + Self.bytes(version.consent, version.generation, UInt64(bitPattern: version.time.wall))
        case .erased(let key, let since): [1] + key.bytes + Self.bytes(since)
        case .knownErased(let key, let below): [2] + key.bytes + Self.bytes(below)
        case .proven(let key, let below): [3] + key.bytes + Self.bytes(below)
        case .decision(let number): [4] + Self.bytes(number)
        case .event(let number): [5] + Self.bytes(number)
        case .lost(let lane, let from, let through): [6] + Self.bytes(UInt64(lane.priority), from, through)
        case .poison(let number): [7] + Self.bytes(number)
        }
    }

    private static func bytes(_ numbers: UInt64...) -> [UInt8] {
        numbers.flatMap { number in withUnsafeBytes(of: number) { Array($0) } }
    }
}

struct OutboxRecord: Hashable {
    let sequence: UInt64
    let payload: Payload
    /// The running hash after it.
    let hash: ChainHash
}

enum Request {
    case open(EpochOpening)
    case push(Epoch, Lane, RecordBatch, [Payload])
    case pull(Incarnation?, [ScopeID: ScopeCursor], mistrusted: Set<ScopeID>)
    case consent(SubjectKey)
}

enum Response {
    case opened(EpochBook.Verdict)
    /// The incarnation tells a device that knows another one not to believe the numbers.
    case pushed(Incarnation, LaneCursor, refused: Set<UInt64>, settled: [UInt64: ScopePoint])
    case rewind(expected: UInt64)
    case pulled(PullAnswer)
    case consent(UInt64)
    case epochEnded
    case epochNeeded
    case quarantined
    case revoked
    case busy
}

/// What central has for a device in one scope.
enum ScopePart {
    case page(FeedPage, root: [UInt8]?)
    case snapshot([FeedEntry], newest: UInt64)
}

struct PullAnswer {
    let incarnation: Incarnation
    let parts: [ScopeID: ScopePart]
    let wall: Int64
}

enum Digest {
    /// Spreads bytes over 32: quick, and good enough where nobody forges.
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        var lanes: (UInt64, UInt64) = (0xcbf2_9ce4_8422_2325, 0x9e37_79b9_7f4a_7c15)
        for byte in bytes {
            lanes.0 = (lanes.0 ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
            lanes.1 = (lanes.1 &+ lanes.0) &* 0xff51_afd7_ed55_8ccd
        }
        var out: [UInt8] = []
        for turn in 0..<4 as Range<UInt64> {
            let mixed = (lanes.0 ^ (lanes.1 &>> (turn * 7))) &* (0xc4ce_b9fe_1a85_ec53 &+ turn)
            withUnsafeBytes(of: mixed) { out += $0 }
        }
        return out
    }

    static func chain(_ previous: ChainHash, _ sequence: UInt64, _ payload: Payload) -> ChainHash {
        ChainHash(of(previous.bytes + withUnsafeBytes(of: sequence) { Array($0) } + payload.bytes)) ?? .start
    }
}

extension SeededGenerator {
    mutating func falls(_ rate: Double) -> Bool { rate > 0 && Double.random(in: 0..<1, using: &self) < rate }

    mutating func id() -> UUID {
        var bytes: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: next()) { bytes += $0 } }
        return UUID(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8], bytes[9],
                bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }
}
