public import EdgeCore
import FoundationEssentials
import Glibc
import Synchronization

extension StoreBench {
    /// How fast writers get their transactions on disk.
    public struct Appends: Sendable, Codable {
        /// The most transactions that share one commit; 1 is without group commit.
        public let groupCommit: Int
        /// How many write at the same time.
        public let writers: Int
        /// Transactions on disk in a second.
        public let commitsPerSecond: Double
        /// From the call to the answer, half are faster.
        public let p50Ms: Double
        /// From the call to the answer, 99 of 100 are faster.
        public let p99Ms: Double
    }

    /// What the disk takes for 4 KiB and a sync, without any database: no store can be faster.
    public struct BareSync: Sendable, Codable {
        /// Half are faster.
        public let p50Ms: Double
        /// 99 of 100 are faster.
        public let p99Ms: Double
    }

    /// Appends with and without group commit for each number of writers, and the bare disk beside them.
    public func appends(
        writers: [Int] = [1, 8, 32]
    ) async throws(EdgeError) -> (appends: [Appends], bareSync: BareSync) {
        let kinds = [1, StoreOptions().groupCommit].flatMap { group in writers.map { (group: group, writers: $0) } }
        let alone = try await open("alone", groupCommit: 1)
        let together: EdgeStore
        do throws(EdgeError) { together = try await open("together") } catch {
            await alone.close()
            throw error
        }
        let outcome: Result<(appends: [Appends], bareSync: BareSync), EdgeError>
        do throws(EdgeError) {
            var figures = kinds.map { _ in [Round]() }
            var syncs: [Double] = []
            for _ in 0..<rounds {
                for (place, kind) in kinds.enumerated() {
                    let store = kind.group == 1 ? alone : together
                    figures[place].append(try await append(to: store, writers: kind.writers))
                }
                syncs += try await bareSyncs()
            }
            let made = zip(kinds, figures).map { kind, rounds in
                Appends(
                    groupCommit: kind.group, writers: kind.writers,
                    commitsPerSecond: Figures(rounds.map(\.perSecond)).median,
                    p50Ms: Figures(rounds.map(\.p50)).median, p99Ms: Figures(rounds.map(\.p99)).median)
            }
            let bare = Figures(syncs)
            outcome = .success((made, BareSync(p50Ms: bare.median, p99Ms: bare.quantile(0.99))))
        } catch { outcome = .failure(error) }
        await alone.close()
        await together.close()
        return try outcome.get()
    }

    private struct Round {
        let perSecond: Double
        let p50: Double
        let p99: Double
    }

    private func append(to store: EdgeStore, writers: Int) async throws(EdgeError) -> Round {
        let clock = FrameClock()
        let began = clock.now
        let end = began.advanced(by: .seconds(seconds))
        let outcomes = await withTaskGroup(of: Result<[Double], EdgeError>.self) { group in
            for writer in 0..<writers { group.addTask { await Self.append(to: store, writer, until: end) } }
            return await group.reduce(into: []) { all, one in all.append(one) }
        }
        var taken: [Double] = []
        for outcome in outcomes { taken += try outcome.get() }
        guard !Task.isCancelled else { throw EdgeError(.shuttingDown) }
        let figures = Figures(taken)
        return Round(
            perSecond: Double(taken.count) * 1e3 / (clock.now - began).inMilliseconds, p50: figures.median,
            p99: figures.quantile(0.99))
    }

    private static func append(
        to store: EdgeStore, _ writer: Int, until end: FrameClock.Instant
    ) async -> Result<[Double], EdgeError> {
        let clock = FrameClock()
        var taken: [Double] = []
        do throws(EdgeError) {
            // Once at least: on a busy machine the time may be over before the first.
            repeat {
                let start = clock.now
                try await store.append(line(writer))
                taken.append((clock.now - start).inMilliseconds)
            } while clock.now < end && !Task.isCancelled
        } catch { return .failure(error) }
        return .success(taken)
    }

    /// A line of the audit trail as most are.
    static func line(_ number: Int) -> AuditRecord {
        AuditRecord(
            action: "bench.append", client: ClientID(), session: SessionID(), succeeded: true,
            detailsJSON: "{\"writer\":\(number)}", at: Date())
    }

    private func bareSyncs() async throws(EdgeError) -> [Double] {
        let path = "\(directory)/bare"
        let (seconds, limit) = (seconds / 2, 2000)
        return try await blocking { () throws -> [Double] in
            let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard file >= 0 else { throw EdgeError(.storeUnavailable, "The directory cannot be written to.") }
            defer { Glibc.close(file) }
            let page = [UInt8](repeating: 7, count: 4096)
            let clock = FrameClock()
            let end = clock.now.advanced(by: .seconds(seconds))
            var taken: [Double] = []
            while clock.now < end, taken.count < limit {
                let start = clock.now
                guard pwrite(file, page, page.count, off_t(taken.count * page.count)) == page.count,
                    fdatasync(file) == 0
                else { throw EdgeError(.storeUnavailable, "The directory cannot be written to.") }
                taken.append((clock.now - start).inMilliseconds)
            }
            return taken
        }
    }
}
