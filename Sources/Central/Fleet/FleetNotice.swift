import FoundationEssentials
import SyncCore

/// What one process of a fleet tells the others: whose scopes and devices something became of.
struct FleetNotice: Sendable, Equatable {
    /// Where it is told.
    static let channel = "edged_central"
    /// The most ids of one message, which PostgreSQL limits to 8000 bytes.
    private static let limit = 180

    /// Who tells it; nobody listens to itself.
    let sender: UUID
    var scopes: Set<ScopeID>
    var devices: Set<DeviceID>
    /// Whether it is not known what happened: everybody looks again.
    var isEverything = false

    /// Nothing is known.
    static let everything = FleetNotice(sender: UUID(), scopes: [], devices: [], isEverything: true)

    init(sender: UUID, scopes: Set<ScopeID>, devices: Set<DeviceID>, isEverything: Bool = false) {
        (self.sender, self.scopes, self.devices, self.isEverything) = (sender, scopes, devices, isEverything)
    }

    /// Reads a message; one that cannot be read may mean anything.
    init(text: String) {
        var words = text.split(separator: " ").makeIterator()
        guard let sender = words.next().flatMap({ UUID(uuidString: String($0)) }) else {
            self = .everything
            return
        }
        self.init(sender: sender, scopes: [], devices: [])
        while let word = words.next() {
            guard let id = UUID(uuidString: String(word.dropFirst())) else {
                isEverything = true
                continue
            }
            switch word.first {
            case "s": scopes.insert(ScopeID(rawValue: id))
            case "d": devices.insert(DeviceID(rawValue: id))
            default: isEverything = true
            }
        }
    }

    /// As messages.
    var parts: [String] {
        let words = scopes.map { "s\($0.rawValue.uuidString)" } + devices.map { "d\($0.rawValue.uuidString)" }
        return stride(from: 0, to: words.count, by: Self.limit).map { start in
            ([sender.uuidString] + words[start..<min(start + Self.limit, words.count)]).joined(separator: " ")
        }
    }
}
