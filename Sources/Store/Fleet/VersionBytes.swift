import EdgeCore
import FoundationEssentials
import SyncCore

/// A version as it stands in a column: consent, generation, wall time, counter, device, each with its highest byte first.
enum VersionBytes {
    private static let length = 44

    static func data(_ version: SubjectVersion) -> Data {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        for number in [version.consent, version.generation, UInt64(bitPattern: version.time.wall)] {
            append(number, 8, to: &bytes)
        }
        append(UInt64(version.time.counter), 4, to: &bytes)
        return Data(bytes + Identifier<FleetSubject>(rawValue: version.device.rawValue).bytes)
    }

    /// Throws `store.corrupt` for anything else than ``data(_:)`` made.
    static func version(_ data: Data) throws -> SubjectVersion {
        let bytes = Array(data)
        guard bytes.count == length, let device = UUID(bytes: Array(bytes[28...])) else {
            throw EdgeError(.storeCorrupt, "A version of the fleet is \(bytes.count) bytes long.")
        }
        let time = HybridTime(
            wall: Int64(bitPattern: number(bytes[16..<24])), counter: UInt32(truncatingIfNeeded: number(bytes[24..<28]))
        )
        return SubjectVersion(
            consent: number(bytes[0..<8]), generation: number(bytes[8..<16]), time: time,
            device: DeviceID(rawValue: device))
    }

    private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        bytes += stride(from: (count - 1) * 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: number >> UInt64($0))
        }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

/// Names the subject of ids that belong to the fleet.
enum FleetSubject {}

extension WireID {
    /// The id as 16 bytes.
    var column: Data { Identifier<FleetSubject>(rawValue: rawValue).column }

    init(column: Data) throws { self.init(rawValue: try Identifier<FleetSubject>(column: column).rawValue) }
}

extension SubjectVersion {
    /// Whether both are one enrollment: central may have set the time of one back.
    func isSameEnrollment(as other: SubjectVersion) -> Bool {
        (consent, generation, device) == (other.consent, other.generation, other.device)
    }
}
