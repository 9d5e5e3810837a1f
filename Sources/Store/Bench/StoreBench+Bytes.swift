public import EdgeCore
import FoundationEssentials

extension StoreBench {
    /// What one event costs the disk, the log's way back into the file included.
    public struct EventBytes: Sendable, Codable {
        /// What was written: `audit line`, `session` (opened and recognised) or `enrollment` (opened and completed).
        public let event: String
        /// How many wrote at the same time, and so could share a commit.
        public let writers: Int
        /// How many events were written.
        public let events: Int
        /// Bytes that reached the disk for each, by the kernel's count; whole pages.
        public let bytesToDisk: Double
        /// Bytes handed to the kernel for each.
        public let bytesWritten: Double
    }

    /// Bytes for each event of each kind, alone and 32 at a time.
    public func bytesPerEvent(events: Int = 512) async throws(EdgeError) -> [EventBytes] {
        var made: [EventBytes] = []
        for (number, kind) in EventKind.allCases.enumerated() {
            for writers in [1, 32] {
                made.append(
                    try await bytes(of: kind, store: "bytes-\(number)-\(writers)", writers: writers, events: events))
            }
        }
        return made
    }

    private enum EventKind: String, CaseIterable {
        case auditLine = "audit line"
        case session = "session"
        case enrollment = "enrollment"
    }

    private func bytes(
        of kind: EventKind, store name: String, writers: Int, events: Int
    ) async throws(EdgeError) -> EventBytes {
        let store = try await open(name)
        let share = max(events / writers, 1)
        let before: ProcessBytes?
        let outcomes: [Result<Void, EdgeError>]
        do throws(EdgeError) {
            let client = try await store.createClient(name: "Bench").client.id
            // Whom the sessions recognise.
            let known = try await enroll("known", of: client, in: store)
            before = ProcessBytes.now
            outcomes = await withTaskGroup(of: Result<Void, EdgeError>.self) { group in
                for writer in 0..<writers {
                    group.addTask { [self] in
                        await write(kind, by: writer, times: share, known, of: client, in: store)
                    }
                }
                return await group.reduce(into: []) { all, one in all.append(one) }
            }
        } catch {
            await store.close()
            throw error
        }
        // Only now is the log back in the file: its pages are written twice, and that is part of the price.
        await store.close()
        for outcome in outcomes { try outcome.get() }
        guard !Task.isCancelled else { throw EdgeError(.shuttingDown) }
        let spent = (ProcessBytes.now ?? ProcessBytes()) - (before ?? ProcessBytes())
        let count = Double(share * writers)
        return EventBytes(
            event: kind.rawValue, writers: writers, events: share * writers,
            bytesToDisk: Double(spent.toDisk) / count, bytesWritten: Double(spent.written) / count)
    }

    private func write(
        _ kind: EventKind, by writer: Int, times: Int, _ known: MatchedPerson?, of client: ClientID, in store: EdgeStore
    ) async -> Result<Void, EdgeError> {
        do throws(EdgeError) {
            for number in 0..<times where !Task.isCancelled {
                switch kind {
                case .auditLine: try await store.append(Self.line(writer))
                case .session: try await recognise(known, of: client, in: store)
                case .enrollment: _ = try await enroll("\(writer)-\(number)", of: client, in: store)
                }
            }
        } catch { return .failure(error) }
        return .success(())
    }

    private func enroll(
        _ user: String, of client: ClientID, in store: EdgeStore
    ) async throws(EdgeError) -> MatchedPerson? {
        let begun = BenchSessions.open(.enrollment, of: client, user: user)
        try await store.begin(begun)
        let samples = (0..<3).map { EnrolledSample(template: BenchTemplates.template($0), quality: 0.9) }
        return try await store.finish(
            SessionOutcome(
                session: BenchSessions.ended(begun, .enrollmentCompleted, nil), samples: samples, displayName: nil))?
            .person
    }

    private func recognise(
        _ person: MatchedPerson?, of client: ClientID, in store: EdgeStore
    ) async throws(EdgeError) {
        let begun = BenchSessions.open(.verification, of: client, user: person?.externalID)
        try await store.begin(begun)
        _ = try await store.finish(
            SessionOutcome(session: BenchSessions.ended(begun, .authenticated, person), lockout: .clear))
    }
}

/// What this process has written so far, by the kernel's books.
struct ProcessBytes {
    /// Bytes that were or will be sent to a disk.
    var toDisk = 0
    /// Bytes handed to the kernel by calls that write.
    var written = 0

    /// `nil` where the kernel keeps no such books.
    static var now: ProcessBytes? {
        guard let text = try? String(contentsOfFile: "/proc/self/io", encoding: .utf8) else { return nil }
        func value(_ name: String) -> Int {
            let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
            return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
        }
        return ProcessBytes(toDisk: value("write_bytes"), written: value("wchar"))
    }

    static func - (later: ProcessBytes, earlier: ProcessBytes) -> ProcessBytes {
        ProcessBytes(toDisk: later.toDisk - earlier.toDisk, written: later.written - earlier.written)
    }
}
