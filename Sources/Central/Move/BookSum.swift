import EdgeCore

/// Whether rows are the same, in whatever order they come: how many there are, and the sum of a digest of each.
struct BookSum: Equatable, Sendable {
    /// How many rows there are.
    private(set) var rows = 0
    private var digests: UInt64 = 0

    /// Takes a row in, by the form in which PostgreSQL holds it.
    mutating func add(_ values: [FleetValue], _ checker: any ProofChecker) throws {
        let digest = try checker.sha256(Self.bytes(of: values))
        rows += 1
        digests &+= digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    /// Every value with its kind and its length, so that no two rows are written alike.
    private static func bytes(of values: [FleetValue]) -> [UInt8] {
        var bytes: [UInt8] = []
        for value in values {
            let content = PostgresValue.bytes(value) ?? []
            bytes.append(kind(of: value))
            bytes += PostgresValue.bytes(.integer(Int64(content.count))) ?? []
            bytes += content
        }
        return bytes
    }

    private static func kind(of value: FleetValue) -> UInt8 {
        switch value {
        case .null: 0
        case .integer: 1
        case .text: 2
        case .bytes: 3
        }
    }
}
