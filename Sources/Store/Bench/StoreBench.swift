public import EdgeCore
import FoundationEssentials
import GRDB
import Glibc
public import Logging

/// What the store costs on this machine and this disk.
///
/// Figures of one kind are taken in rounds that take turns, so that a disk that is slow for a while is slow for all of
/// them; what is told is the median of the rounds.
public struct StoreBench: Sendable {
    /// Seals, digests and signs as the vault does.
    public typealias Keys = Sealer & SecretKeeper & Signer

    /// The directory in which the stores are made; whoever made it removes it.
    public let directory: String
    /// How often each figure is taken.
    public let rounds: Int
    /// How long one round of appending goes on.
    public let seconds: Double
    private let keys: any Keys
    private let log: Logger

    /// Describes a benchmark; nothing is measured yet.
    public init(directory: String, keys: any Keys, rounds: Int = 5, seconds: Double = 0.5, log: Logger) {
        self.directory = directory
        self.keys = keys
        self.rounds = max(rounds, 1)
        self.seconds = max(seconds, 0.05)
        self.log = log
    }

    /// Opens a store of its own below the directory.
    func open(_ name: String, groupCommit: Int = StoreOptions().groupCommit) async throws(EdgeError) -> EdgeStore {
        var options = StoreOptions()
        options.groupCommit = groupCommit
        return try await EdgeStore.open(
            directory: "\(directory)/\(name)", sealer: keys, secrets: keys, signer: keys, clock: SystemClock(),
            log: log, options: options)
    }

    /// The kind of file system below the directory, for example `ext4`; `nil` where the kernel does not say.
    ///
    /// On `tmpfs` a sync costs nothing, and the figures of a disk cannot be had.
    public var fileSystem: String? {
        let table = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        let mounts = table.split(separator: "\n").compactMap { line -> (place: String, kind: String)? in
            let words = line.split(separator: " ")
            guard words.count > 5, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else { return nil }
            return (String(words[4]), String(words[dash + 1]))
        }
        let below = mounts.filter { directory == $0.place || directory.hasPrefix($0.place.appendingSlash) }
        return below.max { $0.place.count < $1.place.count }?.kind
    }
}

/// Figures of one kind, in order of what is asked of them.
struct Figures {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var median: Double { quantile(0.5) }

    /// The value that this share of all lies below; 0 without values.
    func quantile(_ share: Double) -> Double {
        guard !sorted.isEmpty else { return 0 }
        return sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }
}

extension Duration {
    /// In milliseconds.
    var inMilliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15 }
}

extension String {
    fileprivate var appendingSlash: String { hasSuffix("/") ? self : self + "/" }
}
