import FoundationEssentials

/// What central signs: what a device goes by besides its own files.
///
/// It travels as a signed note of ``text`` by the name ``signerName``, under the key of ``ProvisionAnswer/centralKey``, and names
/// its device: what was signed for one door means nothing at another.
public struct FleetConfiguration: Sendable, Equatable, Codable {
    /// One text of the configuration.
    public struct Part: Sendable, Equatable, Codable {
        /// Whose it is, for messages: `fleet`, `scope NAME`, `device NAME`.
        public var name: String
        /// Tables and keys as in the device's own file.
        public var toml: String

        /// Names a text.
        public init(name: String, toml: String) {
            self.name = name
            self.toml = toml
        }
    }

    /// For whom.
    public var device: DeviceID
    /// Grows with each change: an older one is not taken again.
    public var serial: UInt64
    /// In the order in which they are laid over the device's files; none where central says nothing any more.
    public var parts: [Part]

    /// Puts a configuration together.
    public init(device: DeviceID, serial: UInt64, parts: [Part]) {
        self.device = device
        self.serial = serial
        self.parts = parts
    }

    /// The name of central's key in the note.
    public static let signerName = "edged-central"

    /// What is signed: a head and the configuration as JSON, each a line.
    public var text: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return Self.head + String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
        }
    }

    /// Reads what ``text`` wrote; `nil` for anything else.
    public init?(text: String) {
        guard text.hasPrefix(Self.head) else { return nil }
        let json = Data(text.dropFirst(Self.head.count).utf8)
        guard let read = try? JSONDecoder().decode(FleetConfiguration.self, from: json) else { return nil }
        self = read
    }

    private static let head = "edged configuration v1\n"
}

/// How a device stands with the configuration that it heard of last; part of every question.
public struct ConfigurationReport: Sendable, Hashable, Codable {
    /// What became of it.
    public enum State: String, Sendable, Codable, Hashable, CaseIterable {
        /// The device has heard of none.
        case none
        /// In force, and watched: what makes the device ill is taken back.
        case trial
        /// In force.
        case taken
        /// Never in force: it is wrong, or the device takes none.
        case refused
        /// It was in force and made the device ill; the one before holds again.
        case rolledBack = "rolled_back"
    }

    /// The ``FleetConfiguration/serial`` that was heard of last, 0 before the first.
    public var serial: UInt64
    /// What became of it.
    public var state: State
    /// Why it is not in force, at most ``longestProblem`` bytes.
    public var problem: String?

    /// Puts a report together; a long problem is cut.
    public init(serial: UInt64, state: State, problem: String? = nil) {
        self.serial = serial
        self.state = state
        self.problem = problem.map(Self.cut)
    }

    /// What central keeps of a problem.
    public static let longestProblem = 2000

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestProblem else { return text }
        return String(decoding: text.utf8.prefix(longestProblem - 4), as: UTF8.self) + "…"
    }
}

/// Whom a configuration is for.
public enum ConfigurationTarget: Sendable, Hashable {
    /// Every device.
    case fleet
    /// The devices of a scope.
    case scope(ScopeID)
    /// One device.
    case device(DeviceID)
}
