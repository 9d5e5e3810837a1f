public import FoundationEssentials

/// What the daemon is and does, for technicians.
public struct DeviceStatus: Sendable, Codable {
    /// `ok`, `degraded` (a warning holds) or `error`.
    public var status: String
    /// What runs: `device`, or `central` for the central instance of a fleet.
    public var role = "device"
    /// The program's version.
    public var version: String
    /// When it started.
    public var startedAt: Date
    /// Seconds since then.
    public var uptimeSeconds: Int
    /// Where HTTP is served on this machine, for example `http://127.0.0.1:8080`.
    public var address: String
    /// Everywhere that the API is served, the address above first; a Unix socket as `unix:/run/edged/api.sock`.
    public var addresses: [String]
    /// SHA-256 of the TLS certificate: upper-case hexadecimal digits, a colon between bytes; absent without TLS.
    public var tlsFingerprint: String?
    /// The liveness policy in force.
    public var livenessPolicy: String
    /// A sentence in capitals while liveness is off; otherwise absent.
    public var notice: String?
    /// Models in use: id, version and whether they are loaded.
    public var models: [ModelStatus]
    /// The cameras.
    public var cameras: [CameraStatus]
    /// Enrolled people in the gallery.
    public var people: Int
    /// Sessions open now.
    public var openSessions: Int
    /// Where the sealing key comes from: `file`, `credential` or `provider`.
    public var keySource: String
    /// The SQLite that keeps the store.
    public var sqlite: SQLiteFacts?
    /// What somebody needs besides the disk to have it: `tpm2`, `credential`, `provider` or `none`.
    public var keyBinding: String?
    /// Conditions that hold, the worst first.
    public var conditions: [HealthCondition]
    /// What waits for central, the most urgent lane first; absent while the store does not answer.
    public var outbox: [OutboxLane]?
    /// Whether somebody reads the cameras, and the sign beside them.
    public var onAir: OnAirStanding?
    /// How the device stands with its fleet; absent for one that belongs to none.
    public var sync: SyncStanding?
    /// What a central instance needs; absent on a device, and until it was first looked at.
    public var central: CentralStanding?
    /// Where pictures are decoded.
    public var decoder: DecoderStanding?

    /// How pictures of uploads and cameras are decoded.
    public struct DecoderStanding: Sendable, Codable, Equatable {
        /// `off`, in the daemon itself, or `socket`, in a process without network, devices and files.
        public var isolation: String
        /// Pictures that the process has decoded, or found damaged; absent for `off`.
        public var pictures: Int?
        /// Pictures at which it ended, hung or was not there; absent for `off`.
        public var failures: Int?

        /// Describes a standing.
        public init(isolation: String, pictures: Int? = nil, failures: Int? = nil) {
            self.isolation = isolation
            self.pictures = pictures
            self.failures = failures
        }
    }

    /// A member's standing.
    public struct SyncStanding: Sendable, Codable, Equatable {
        /// `connecting`, `online`, `offline`, `paused`, `quarantined`, `unknown` or `revoked`.
        public var phase: String
        /// When central last answered.
        public var lastContactAt: Date?
        /// Seconds since the word of central that the lease counts from.
        public var leaseAgeSeconds: Int?
        /// What may still be done: `fresh`, `aging`, `closing` or `expired`.
        public var leaseTier: String?
        /// People whom central told of and who have no template of the device's model.
        public var peopleWithoutModel: Int
        /// Until when the certificate holds that central is shown; `nil` where there is none.
        public var certificateExpiresAt: Date?

        /// Describes a standing.
        public init(
            phase: String, lastContactAt: Date?, leaseAgeSeconds: Int?, leaseTier: String?, peopleWithoutModel: Int
        ) {
            self.phase = phase
            self.lastContactAt = lastContactAt
            self.leaseAgeSeconds = leaseAgeSeconds
            self.leaseTier = leaseTier
            self.peopleWithoutModel = peopleWithoutModel
        }
    }

    /// One lane of records.
    public struct OutboxLane: Sendable, Codable, Equatable {
        /// `control`, `enrollment`, `audit` or `events`.
        public var lane: String
        /// How many records wait.
        public var records: Int
        /// About how many bytes they take.
        public var bytes: Int
        /// When the oldest of them was made; absent when none waits.
        public var oldestAt: Date?
        /// The number of the newest record; 0 before the first.
        public var last: Int
        /// Up to which number central has them on disk.
        public var acknowledged: Int

        /// Describes a lane.
        public init(lane: String, records: Int, bytes: Int, oldestAt: Date?, last: Int, acknowledged: Int) {
            self.lane = lane
            self.records = records
            self.bytes = bytes
            self.oldestAt = oldestAt
            self.last = last
            self.acknowledged = acknowledged
        }
    }

    /// One model.
    public struct ModelStatus: Sendable, Codable {
        /// The manifest's id.
        public var id: String
        /// The manifest's version.
        public var version: String
        /// Whether it is loaded.
        public var isLoaded: Bool
        /// Names a model.
        public init(id: String, version: String, isLoaded: Bool) {
            self.id = id
            self.version = version
            self.isLoaded = isLoaded
        }
    }

    /// Puts a status together; `status` follows from the conditions.
    public init(
        version: String, startedAt: Date, now: Date, address: String, livenessPolicy: LivenessPolicy,
        models: [ModelStatus], cameras: [CameraStatus], people: Int, openSessions: Int, keySource: String,
        conditions: [HealthCondition], addresses: [String] = [], tlsFingerprint: String? = nil,
        keyBinding: String? = nil
    ) {
        let worst = conditions.map(\.severity).max()
        status = worst == .error ? "error" : worst == .warning ? "degraded" : "ok"
        self.version = version
        self.startedAt = startedAt
        uptimeSeconds = Int(now.timeIntervalSince(startedAt))
        self.address = address
        self.addresses = addresses
        self.tlsFingerprint = tlsFingerprint
        self.livenessPolicy = livenessPolicy.rawValue
        notice =
            livenessPolicy == .off
            ? "LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY." : nil
        self.models = models
        self.cameras = cameras
        self.people = people
        self.openSessions = openSessions
        self.keySource = keySource
        self.keyBinding = keyBinding
        self.conditions = conditions
    }
}

/// Tells the status.
///
/// `edged` provides it, since only it knows every room.
public protocol StatusReporter: Sendable {
    /// The status now.
    func status() async -> DeviceStatus
    /// Whether the device can serve sessions: store, models and API are up.
    func isReady() async -> Bool
}

/// Commands of the machine's own administrator, over the Unix socket.
///
/// `edged` provides it.
public protocol LocalControl: Sendable {
    /// Runs `command` (for example `clients.create`) with a JSON object as arguments and returns a JSON document.
    func run(command: String, argumentsJSON: [UInt8]) async throws(EdgeError) -> [UInt8]
}
