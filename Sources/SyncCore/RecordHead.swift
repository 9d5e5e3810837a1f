public import FoundationEssentials

/// When a record was made: enough to put the records of one boot in time when the wall clock was wrong.
public struct RecordMoment: Hashable, Sendable {
    /// Wall time, microseconds since 1970.
    public let wall: Int64
    /// What other clocks say; `nil` where the payload says it.
    public let boot: Boot?

    /// A time within one start of the machine.
    public struct Boot: Hashable, Sendable {
        /// Which start of the machine.
        public let id: UUID
        /// Nanoseconds since then, with the time that it slept.
        public let time: Int64
        /// How far the wall time can be trusted: `synchronized`, `unsynchronized`, `suspect`.
        public let quality: String

        /// Names a time.
        public init(id: UUID, time: Int64, quality: String) {
            self.id = id
            self.time = time
            self.quality = quality
        }
    }

    /// Puts a moment together.
    public init(wall: Int64, boot: Boot?) {
        self.wall = wall
        self.boot = boot
    }
}

/// What a record says of itself beside its payload; never anything that names somebody.
public struct RecordHead: Hashable, Sendable {
    /// Where it stands.
    public let position: RecordPosition
    /// What it is, for example `enrollment.completed`.
    public let kind: String
    /// Whose tenant it belongs to, when to any.
    public let tenant: UUID?
    /// Which person it is about, by the device's own random id.
    public let person: UUID?
    /// When it was made.
    public let moment: RecordMoment

    /// Puts a head together.
    public init(position: RecordPosition, kind: String, tenant: UUID?, person: UUID?, moment: RecordMoment) {
        self.position = position
        self.kind = kind
        self.tenant = tenant
        self.person = person
        self.moment = moment
    }

    /// The head as text: every field with its length before it, so none runs into the next.
    public var canonical: String { String(decoding: canonicalBytes, as: UTF8.self) }

    private var canonicalBytes: [UInt8] {
        let address = position.address
        var text: [UInt8] = []
        text.reserveCapacity(320)
        Self.put([UInt8(ascii: "1")], into: &text)
        Self.put(UUIDText.bytes(address.device.rawValue), into: &text)
        Self.put(UUIDText.bytes(address.epoch.rawValue), into: &text)
        Self.put(address.lane.rawValue.utf8, into: &text)
        Self.put("\(position.sequence)".utf8, into: &text)
        Self.put(kind.utf8, into: &text)
        Self.put(tenant.map(UUIDText.bytes), into: &text)
        Self.put(person.map(UUIDText.bytes), into: &text)
        Self.put("\(moment.wall)".utf8, into: &text)
        Self.put(moment.boot.map { UUIDText.bytes($0.id) }, into: &text)
        Self.put(moment.boot.map { "\($0.time)".utf8 }, into: &text)
        Self.put(moment.boot?.quality.utf8, into: &text)
        return text
    }

    /// One field: `3:abc,`, or `-,` for none.
    private static func put(_ field: (some Collection<UInt8>)?, into text: inout [UInt8]) {
        if let field {
            text.append(contentsOf: "\(field.count):".utf8)
            text.append(contentsOf: field)
        } else {
            text.append(UInt8(ascii: "-"))
        }
        text.append(UInt8(ascii: ","))
    }

    /// What the running hash after this record is the SHA-256 of.
    ///
    /// `digest` is the SHA-256 of the payload: the chain stands when the payload is gone.
    public func link(after previous: ChainHash, digest: ChainHash) -> [UInt8] {
        previous.bytes + canonicalBytes + digest.bytes
    }
}
