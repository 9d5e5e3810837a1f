import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// How much later than the last mark a time is before it is recorded as a new one; seconds.
    private static let markInterval: TimeInterval = 60

    /// This moment by every clock, judged by the latest time on record, which it becomes when a minute has passed.
    func clockReading(_ db: Database) throws -> ClockReading {
        let wall = clock.wall
        let mark = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'clock_mark'")
            .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.map { Date(column: $0) }
        if mark.map({ wall >= $0.addingTimeInterval(Self.markInterval) }) ?? true {
            try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('clock_mark', ?)")
                .execute(arguments: [Data("\(wall.column)".utf8)])
        }
        let quality = ClockQuality.judge(wall: wall, latest: mark, isSynchronized: options.isClockSynchronized())
        onCommit { [self] in show(quality) }
        let monotonic = monotonic
        return ClockReading(
            wall: wall, bootID: bootID, monotonic: monotonic, bootTime: monotonic + KernelClock.slept, quality: quality)
    }

    /// Nanoseconds since the machine started, with the time that it slept.
    var bootTime: Int64 { monotonic + KernelClock.slept }

    /// Records the time once a minute also when nothing else is recorded, so that a clock set back is noticed.
    func markTime() async throws(EdgeError) {
        try await write { [self] db in
            try tell(try clockReading(db).quality, db)
            try ageLease(db)
        }
    }

    /// Central hears when the clock begins to be in doubt, and when it no longer is.
    private func tell(_ quality: ClockQuality, _ db: Database) throws {
        let known = try Bool.fetchOne(db, sql: "SELECT 1 FROM meta WHERE name = 'clock_suspect'") ?? false
        guard known != (quality == .suspect) else { return }
        try db.execute(
            sql: known
                ? "DELETE FROM meta WHERE name = 'clock_suspect'"
                : "INSERT INTO meta (name, value) VALUES ('clock_suspect', x'31')")
        try enqueueAlarm(known ? "clock.trusted" : "clock.suspect", [:], db)
    }

    /// Nanoseconds since the machine started, to put lines of one boot in time when the wall clock was wrong.
    private var monotonic: Int64 {
        let parts = FrameClock().systemEpoch.duration(to: clock.instant).components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }

    private func show(_ quality: ClockQuality) {
        guard quality == .suspect else { return health.clear("clock.suspect") }
        health.raise(
            "clock.suspect", title: "The clock is behind a time that was recorded before.", severity: .warning,
            remedy: "Set the clock, or let a time server do it; then look at the clock's battery.")
    }
}
