/// A record that waits to be sent.
public struct OutboxRecord: Sendable, Equatable {
    /// What it says of itself.
    public let head: RecordHead
    /// SHA-256 of the payload as ``EventOutbox/open(_:)`` gives it.
    public let digest: ChainHash
    /// The lane's running hash after it.
    public let hash: ChainHash
    /// What it carries.
    public let payload: Payload

    /// What a record carries.
    public enum Payload: Sendable, Equatable {
        /// Nothing personal: it goes as it is.
        case plain([UInt8])
        /// Sealed under the key of the person or event that it is about; ``EventOutbox/open(_:)`` opens it.
        case sealed([UInt8])
        /// Erased, or no longer kept here; head and digest are sent, which keep the chain whole.
        case withheld
    }

    /// Puts a record together.
    public init(head: RecordHead, digest: ChainHash, hash: ChainHash, payload: Payload) {
        self.head = head
        self.digest = digest
        self.hash = hash
        self.payload = payload
    }
}

/// How a lane stands at the device.
public struct LaneStatus: Sendable, Equatable {
    /// Which.
    public let address: LaneAddress
    /// The number of the newest record; 0 before the first.
    public let last: UInt64
    /// The running hash after it.
    public let head: ChainHash
    /// Every record up to this number is not here any more: acknowledged or dropped.
    public let released: UInt64
    /// The running hash after that one.
    public let releasedHead: ChainHash
    /// Every record up to this number is on disk at central.
    public let acknowledged: UInt64
    /// How many bytes the records here take.
    public let bytes: Int64
    /// When the oldest record here was made, microseconds since 1970; `nil` when none waits.
    public let oldest: Int64?

    /// How many records wait.
    public var records: UInt64 { last - released }

    /// Puts a status together.
    public init(
        address: LaneAddress, last: UInt64, head: ChainHash, released: UInt64, releasedHead: ChainHash,
        acknowledged: UInt64, bytes: Int64, oldest: Int64?
    ) {
        self.address = address
        self.last = last
        self.head = head
        self.released = released
        self.releasedHead = releasedHead
        self.acknowledged = acknowledged
        self.bytes = bytes
        self.oldest = oldest
    }
}

/// The records that wait for central, each on disk since its cause was.
///
/// `Store` provides it; whoever sends them reads a lane from its cursor on, sends, and acknowledges what central has on
/// disk. Nothing here waits for anything there.
public protocol EventOutbox<Failure>: Sendable {
    /// How it fails.
    associatedtype Failure: Error

    /// How all lanes stand, the most urgent first.
    func lanes() async throws(Failure) -> [LaneStatus]

    /// Records of a lane after number `sequence`, in order; none is left out in between.
    ///
    /// Begins later where the records that follow were dropped; the record of that loss is in the audit lane.
    func records(of lane: Lane, after sequence: UInt64, limit: Int) async throws(Failure) -> [OutboxRecord]

    /// The payloads as they are sent, in the order of `records`: opened where they are sealed.
    ///
    /// What was erased since the record was read is `nil`. The bytes are for the one whom the records are sealed to next.
    func open(_ records: [OutboxRecord]) async throws(Failure) -> [[UInt8]?]

    /// Records of a lane after number `sequence` with what they carry opened, as they stand at one moment.
    ///
    /// What was erased is withheld. They carry at most `bytes` together, though one always comes.
    func openRecords(
        of lane: Lane, after sequence: UInt64, limit: Int, bytes: Int
    ) async throws(Failure) -> [OutboxRecord]

    /// Notes that central has everything up to `sequence` on disk, and lets go of it.
    ///
    /// `head` is the running hash that central has there. One that differs from ours means that two histories are told
    /// under one name: it is refused with nothing changed. A repetition changes nothing.
    func acknowledge(_ lane: Lane, through sequence: UInt64, head: ChainHash) async throws(Failure)
}
