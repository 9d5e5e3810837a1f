/// Which devices have proven one erasure: "erased on k of n, the oldest outstanding since t".
public struct ErasureBook: Sendable, Equatable, Codable {
    /// When the erasure was ordered, microseconds since 1970.
    public let orderedAt: Int64
    /// Devices that may hold the subject, with the moment since when they owe the proof.
    public private(set) var outstanding: [DeviceID: Int64]
    /// Devices that proved it, with the moment.
    public private(set) var proven: [DeviceID: Int64] = [:]

    /// Begins with every device in whose scopes the subject was.
    public init(orderedAt: Int64, devices: some Sequence<DeviceID>) {
        self.orderedAt = orderedAt
        outstanding = Dictionary(devices.map { ($0, orderedAt) }) { first, _ in first }
    }

    /// A device's proof came in; repeated ones change nothing.
    public mutating func prove(_ device: DeviceID, at moment: Int64) {
        outstanding[device] = nil
        if proven[device] == nil { proven[device] = moment }
    }

    /// A device that tried to bring the subject back holds it, whether or not it was counted.
    public mutating func expect(_ device: DeviceID, at moment: Int64) {
        guard outstanding[device] == nil else { return }
        proven[device] = nil
        outstanding[device] = moment
    }

    /// Nothing is left to prove.
    public var isComplete: Bool { outstanding.isEmpty }
    /// Since when the slowest device owes its proof; `nil` when all have given it.
    public var oldestOutstanding: Int64? { outstanding.values.min() }
}
