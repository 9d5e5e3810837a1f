public import FoundationEssentials

/// `POST /api/sync/v1/push/`: records of one lane, in order; gzip is welcome.
public struct PushRequest: Sendable, Equatable, Codable {
    /// The most bytes of all payloads of a batch, before compression.
    public static let byteLimit = 512 * 1024

    /// In which life of the device's database.
    public var epoch: Epoch
    /// Which lane.
    public var lane: Lane
    /// The number of the first record.
    public var first: UInt64
    /// The running hash before the first record.
    public var previous: ChainHash
    /// The running hash after the last record: central computes all in between and compares.
    public var head: ChainHash
    /// The first of the records before ``first`` that the device has no more.
    public var lostFrom: UInt64?
    /// At least one, at most ``RecordBatch/limit``.
    public var records: [WireRecord]
    /// The newest signed checkpoint of the audit trail, with the audit lane.
    public var checkpoint: String?

    enum CodingKeys: String, CodingKey {
        case epoch, lane, first, previous, head, records, checkpoint
        case lostFrom = "lost_from"
    }

    /// Puts a batch together.
    public init(
        epoch: Epoch, lane: Lane, first: UInt64, previous: ChainHash, head: ChainHash, lostFrom: UInt64?,
        records: [WireRecord], checkpoint: String? = nil
    ) {
        self.epoch = epoch
        self.lane = lane
        self.first = first
        self.previous = previous
        self.head = head
        self.lostFrom = lostFrom
        self.records = records
        self.checkpoint = checkpoint
    }
}

/// A record as it travels: its number and lane are those of the batch.
public struct WireRecord: Sendable, Equatable, Codable {
    /// What it is, for example `enrollment.completed`.
    public var kind: String
    /// Whose tenant it belongs to, when to any.
    public var tenant: UUID?
    /// Which person it is about, by the device's own random id.
    public var person: UUID?
    /// Wall time, microseconds since 1970.
    public var wall: Int64
    /// Which start of the machine, where the payload does not say it.
    public var boot: UUID?
    /// Nanoseconds since that start.
    public var bootTime: Int64?
    /// `synchronized`, `unsynchronized`, `suspect`.
    public var quality: String?
    /// The payload, always text; `nil` when the device has it no more.
    public var payload: String?
    /// SHA-256 of the payload, 64 hexadecimal digits; only where there is no payload.
    public var digest: ChainHash?

    enum CodingKeys: String, CodingKey {
        case kind, tenant, person, wall, boot, quality, payload, digest
        case bootTime = "boot_ns"
    }

    /// A record with what it carries; `nil` when it was erased since.
    public init(_ record: OutboxRecord, payload: String?) {
        let head = record.head
        kind = head.kind
        (tenant, person, wall) = (head.tenant, head.person, head.moment.wall)
        (boot, bootTime, quality) = (head.moment.boot?.id, head.moment.boot?.time, head.moment.boot?.quality)
        self.payload = payload
        digest = payload == nil ? record.digest : nil
    }

    /// What the record says of itself at its place.
    public func head(at position: RecordPosition) -> RecordHead {
        var moment: RecordMoment.Boot?
        if let boot, let bootTime, let quality { moment = .init(id: boot, time: bootTime, quality: quality) }
        return RecordHead(
            position: position, kind: kind, tenant: tenant, person: person,
            moment: RecordMoment(wall: wall, boot: moment))
    }
}

extension PushRequest {
    /// The batch with every running hash, computed from the records; `digest` is SHA-256 of its argument.
    ///
    /// Throws ``SyncRefusal/malformed(_:)`` where the records do not end at ``head``.
    public func batch(
        of device: DeviceID, digest: ([UInt8]) -> [UInt8]
    ) throws(SyncRefusal) -> RecordBatch {
        try chain(of: device, digest: digest).batch
    }

    /// The same with the digest of each payload.
    public func chain(
        of device: DeviceID, digest: ([UInt8]) -> [UInt8]
    ) throws(SyncRefusal) -> (batch: RecordBatch, digests: [ChainHash]) {
        let address = LaneAddress(device: device, epoch: epoch, lane: lane)
        guard first > 0, first <= UInt64.max - UInt64(RecordBatch.limit), records.count <= RecordBatch.limit else {
            throw .malformed("The batch does not count from 1, or is too long.")
        }
        var hash = previous
        var (hashes, digests): ([ChainHash], [ChainHash]) = ([], [])
        for (sequence, record) in zip(first..., records) {
            let sum = record.payload.map { digest(Array($0.utf8)) } ?? record.digest?.bytes
            guard let sum, let payload = ChainHash(sum) else {
                throw .malformed("Record \(sequence) has neither payload nor digest.")
            }
            let head = record.head(at: RecordPosition(address, sequence: sequence))
            guard let next = ChainHash(digest(head.link(after: hash, digest: payload))) else {
                throw .malformed("Record \(sequence) cannot be chained.")
            }
            hash = next
            hashes.append(hash)
            digests.append(payload)
        }
        guard hash == head,
            let batch = RecordBatch(first: first, previous: previous, hashes: hashes, lostFrom: lostFrom)
        else { throw .malformed("The records do not end at the hash that the batch names.") }
        return (batch, digests)
    }
}

/// Everything of the batch is on disk at central.
public struct PushAnswer: Sendable, Equatable, Codable {
    /// One life of central's database.
    public var incarnation: Incarnation
    /// Every record up to this number is on disk.
    public var acknowledged: UInt64
    /// Central's running hash there; the device compares.
    public var head: ChainHash
    /// Records of the batch that are kept and have no effect, with the reason.
    public var refused: [RefusedRecord]
    /// Enrollments of the batch with the place of central's word about them.
    public var settled: [SettledEnrollment]
    /// Central's wall time, microseconds since 1970.
    public var time: Int64
    /// How long to wait before the next batch of this lane, milliseconds; 0 for at once.
    public var waitMilliseconds: Int
    /// A checkpoint of the device with central's signature below, when central has cosigned one.
    public var cosigned: String?

    enum CodingKeys: String, CodingKey {
        case incarnation, acknowledged, head, refused, settled, time, cosigned
        case waitMilliseconds = "wait_ms"
    }

    /// Puts an answer together.
    public init(
        incarnation: Incarnation, acknowledged: UInt64, head: ChainHash, refused: [RefusedRecord] = [],
        settled: [SettledEnrollment] = [], time: Int64, waitMilliseconds: Int = 0, cosigned: String? = nil
    ) {
        self.incarnation = incarnation
        self.acknowledged = acknowledged
        self.head = head
        self.refused = refused
        self.settled = settled
        self.time = time
        self.waitMilliseconds = waitMilliseconds
        self.cosigned = cosigned
    }
}

/// A record that central keeps and that has no effect.
public struct RefusedRecord: Sendable, Equatable, Codable {
    /// Its number.
    public var sequence: UInt64
    /// `consent_ended`, `not_trusted`, `not_understood`, `model_unknown`, `tenant_removed`.
    public var reason: String
    /// The enrollment that was refused: the device deletes its copy of exactly this one.
    public var subject: SubjectKey?
    /// Which.
    public var version: SubjectVersion?

    /// Puts a refusal together.
    public init(sequence: UInt64, reason: String, subject: SubjectKey? = nil, version: SubjectVersion? = nil) {
        self.sequence = sequence
        self.reason = reason
        self.subject = subject
        self.version = version
    }
}

/// Where central's word about a pushed enrollment stands in the feed.
public struct SettledEnrollment: Sendable, Equatable, Codable {
    /// Its number in the lane.
    public var sequence: UInt64
    /// Whose.
    public var subject: SubjectKey
    /// Which, as the device named it.
    public var version: SubjectVersion
    /// When the feed has been applied up to here, central's word is known.
    public var point: ScopePoint

    /// Puts a place together.
    public init(sequence: UInt64, subject: SubjectKey, version: SubjectVersion, point: ScopePoint) {
        self.sequence = sequence
        self.subject = subject
        self.version = version
        self.point = point
    }
}
