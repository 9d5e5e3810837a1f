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
    public var canonical: String {
        let address = position.address
        let fields: [String?] = [
            "1", Self.text(address.device.rawValue), Self.text(address.epoch.rawValue), address.lane.rawValue,
            "\(position.sequence)", kind, tenant.map(Self.text), person.map(Self.text), "\(moment.wall)",
            moment.boot.map { Self.text($0.id) }, moment.boot.map { "\($0.time)" }, moment.boot?.quality,
        ]
        return fields.map { field in field.map { "\($0.utf8.count):\($0)," } ?? "-," }.joined()
    }

    private static func text(_ id: UUID) -> String { id.uuidString.lowercased() }

    /// What the running hash after this record is the SHA-256 of.
    ///
    /// `digest` is the SHA-256 of the payload: the chain stands when the payload is gone.
    public func link(after previous: ChainHash, digest: ChainHash) -> [UInt8] {
        previous.bytes + Array(canonical.utf8) + digest.bytes
    }
}
