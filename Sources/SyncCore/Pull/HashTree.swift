/// A hash of everything that a scope holds, and of parts of it: equal roots mean equal contents.
///
/// 256 buckets by the first byte of a subject's key, in two steps of sixteen. A bucket's hash is over its subjects and
/// versions, sorted; sorting instead of adding up leaves no way to choose entries that cancel each other.
public struct HashTree: Sendable, Equatable {
    /// 32 bytes for each of the 256 buckets.
    public let buckets: [[UInt8]]
    /// 32 bytes for each of the sixteen groups of sixteen buckets.
    public let groups: [[UInt8]]
    /// 32 bytes over all.
    public let root: [UInt8]

    /// Computes the tree; `digest` is SHA-256 of its argument.
    public init(
        _ entries: some Sequence<(subject: SubjectKey, version: SubjectVersion)>, digest: ([UInt8]) -> [UInt8]
    ) {
        var parts = Array(repeating: [(SubjectKey, SubjectVersion)](), count: 256)
        for entry in entries { parts[Self.bucket(of: entry.subject)].append((entry.subject, entry.version)) }
        let buckets = parts.map { part in
            digest(part.sorted { $0.0 < $1.0 }.flatMap { Self.leaf($0.0, $0.1) })
        }
        let groups = (0..<16).map { group in digest(Array(buckets[(group * 16)..<(group * 16 + 16)].joined())) }
        self.buckets = buckets
        self.groups = groups
        root = digest(Array(groups.joined()))
    }

    /// The bucket that a subject belongs to.
    public static func bucket(of subject: SubjectKey) -> Int { Int(subject.bytes[0]) }

    /// The buckets in which two trees differ.
    public func difference(from other: HashTree) -> [Int] {
        guard root != other.root else { return [] }
        return (0..<256).filter { bucket in
            groups[bucket / 16] != other.groups[bucket / 16] && buckets[bucket] != other.buckets[bucket]
        }
    }

    private static func leaf(_ subject: SubjectKey, _ version: SubjectVersion) -> [UInt8] {
        var bytes = subject.bytes
        for number in [version.consent, version.generation, UInt64(bitPattern: version.time.wall)] {
            withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
        }
        withUnsafeBytes(of: version.time.counter.bigEndian) { bytes += $0 }
        bytes += SubjectKey(rawValue: version.device.rawValue).bytes
        return bytes
    }
}
