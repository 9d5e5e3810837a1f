import EdgeCore
import FoundationEssentials
import Store
import Vault

/// The audit trail: read, exported, signed for.
extension ControlDesk {
    func auditLines(_ query: Control.AuditQuery) async throws(EdgeError) -> Control.AuditLines {
        var filter = AuditFilter()
        filter.action = query.action
        if let name = query.client { filter.client = try await tenant(name).id }
        filter.since = try query.since.map { text throws(EdgeError) in
            guard let moment = AuditMoment(text) else { throw AuditMoment.unreadable("since") }
            return moment.date(before: Date())
        }
        let page = try await proof.auditPage(filter, before: query.before, limit: query.limit ?? 50)
        return Control.AuditLines(lines: page.lines.map { Control.AuditLine($0) }, before: page.before)
    }

    /// Says what an export consists of; the lines are asked for in pieces.
    func planExport(_ query: Control.AuditSpan) async throws(EdgeError) -> Control.AuditPlan {
        let first = try await lineNumber(query.from, "from")
        let last = try await lineNumber(query.to, "to", isEnd: true)
        let plan = try await proof.auditExportPlan(from: first, to: last)
        let parts = try plan.parts.map { part throws(EdgeError) in
            Control.AuditPlan.Part(
                head: try AuditExport.Record.part(part.head).text(), first: part.lines.lowerBound,
                last: part.lines.upperBound,
                proof: try part.proof.map { proof throws(EdgeError) in try AuditExport.Record.proof(proof).text() })
        }
        return Control.AuditPlan(
            header: try AuditExport.Record.header(plan.header).text(), parts: parts,
            end: try AuditExport.Record.end(plan.end).text(), lines: plan.end.lines)
    }

    func exportLines(_ query: Control.AuditStretch) async throws(EdgeError) -> Control.AuditTexts {
        guard query.first <= query.last else { throw EdgeError(.requestInvalid, "no line is between these numbers") }
        let lines = try await proof.auditTrail(query.first...query.last)
        return Control.AuditTexts(
            lines: try lines.map { line throws(EdgeError) in try AuditExport.Record.line(line).text() })
    }

    func checkpointAudit(_: Control.Nothing) async throws(EdgeError) -> Control.AuditCheckpoint {
        guard let made = try await proof.checkpointAudit() else { return Control.AuditCheckpoint() }
        return Control.AuditCheckpoint(
            origin: made.origin, size: made.size, lastLine: made.lastSequence, note: made.note)
    }

    func auditPublicKey(_: Control.Nothing) async throws(EdgeError) -> Control.PublicKey {
        Control.PublicKey(publicKey: Data(vault.publicKey))
    }

    func giveSealKey(_: Control.Nothing) async throws(EdgeError) -> Control.SealKey {
        let key = try await proof.beginAuditTail()
        return Control.SealKey(generation: AuditTail.digits(key.generation), sealKey: key.text)
    }

    /// A line's number as it is, or the first line of that time; for an end the last one before it.
    private func lineNumber(_ text: String?, _ field: String, isEnd: Bool = false) async throws(EdgeError) -> Int64? {
        guard let text else { return nil }
        if let number = Int64(text) { return number }
        guard let moment = AuditMoment(text) else { throw AuditMoment.unreadable(field) }
        let first = try await proof.firstAuditLine(since: moment.date(before: Date()))
        return isEnd ? first - 1 : first
    }
}

/// A moment as the command line takes it: a time, or how long ago.
enum AuditMoment: Equatable {
    case at(Date)
    case ago(TimeInterval)

    /// Reads `2026-03-01`, `2026-03-01T12:00:00Z`, `90s`, `15m`, `2h`, `7d`; `nil` for anything else.
    init?(_ text: String) {
        if let date = (try? Date(text, strategy: .iso8601))
            ?? (try? Date(text, strategy: .iso8601.year().month().day()))
        {
            self = .at(date)
            return
        }
        let units: [Character: TimeInterval] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (0...1_000_000).contains(count)
        else { return nil }
        self = .ago(TimeInterval(count) * unit)
    }

    func date(before now: Date) -> Date {
        switch self {
        case .at(let date): date
        case .ago(let span): now.addingTimeInterval(-span)
        }
    }

    static func unreadable(_ field: String) -> EdgeError {
        EdgeError(.requestInvalid, "say a time like 2026-03-01T12:00:00Z, or how long ago like 2h or 7d", field: field)
    }
}

extension Control {
    struct AuditQuery: Codable {
        var limit: Int?
        var before: Int64?
        var since: String?
        var action: String?
        var client: String?
    }

    struct AuditLine: Codable {
        var sequence: Int64
        var at: Date
        /// How far `at` can be trusted; absent in lines of earlier versions.
        var clock: ClockQuality?
        var bootId: String
        /// Nanoseconds since the machine started.
        var bootTime: Int64
        var action: String
        var succeeded: Bool
        var reason: String?
        var client: String?
        var session: String?
        var person: String?
        /// JSON text.
        var details: String

        init(_ line: RecordedLine) {
            sequence = line.sequence
            at = line.record.at
            clock = line.quality
            bootId = line.bootID
            bootTime = line.bootTime
            action = line.record.action
            succeeded = line.record.succeeded
            reason = line.record.reason
            client = line.record.client?.description
            session = line.record.session?.description
            person = line.record.person?.description
            details = line.record.detailsJSON
        }
    }

    struct AuditLines: Codable {
        var lines: [AuditLine]
        /// What to ask with for the next page; absent at the end.
        var before: Int64?
    }

    struct AuditSpan: Codable {
        var from: String?
        var to: String?
    }

    /// What the checkpoints cover, and what nothing does.
    struct AuditCoverage: Codable {
        var epochs: Int
        var checkpoints: Int
        var signedThrough: Int64
        /// The first line that is there.
        var oldest: Int64
        /// The first line that the key which was given out last seals; absent where lines are not sealed.
        var sealedSince: Int64?
        var notCovered: [String]

        init(_ found: Store.AuditCoverage) {
            epochs = found.epochs
            checkpoints = found.checkpoints
            signedThrough = found.signedThrough
            oldest = found.oldest
            sealedSince = found.tail?.since
            notCovered = [
                "the whole store directory put back to an earlier moment, anchor included",
                "a trail written anew by whoever has the device's keys: hold a checkpoint that was kept elsewhere against it",
            ]
            notCovered.append(
                found.tail == nil
                    ? "the newest lines by a seal: no seal key was given out"
                    : "the seals of lines: they are checked with the seal key, away from the device")
            if found.oldest > 1 {
                notCovered.append("lines before line \(found.oldest), which were removed when they were old")
            }
            if found.newest > found.signedThrough {
                notCovered.append(
                    "lines \(found.signedThrough + 1) to \(found.newest) by a checkpoint: they are in the chain")
            }
            if found.linesInNoTree > 0 {
                notCovered.append(
                    "\(found.linesInNoTree) lines of an earlier version by a checkpoint: they are in the chain")
            }
        }
    }

    /// The records of an export but the lines, each as it stands in the file.
    struct AuditPlan: Codable {
        struct Part: Codable {
            var head: String
            var first: Int64
            var last: Int64
            var proof: String?
        }
        var header: String
        var parts: [Part]
        var end: String
        var lines: Int64
    }

    struct AuditStretch: Codable {
        var first: Int64
        var last: Int64
    }

    struct AuditTexts: Codable { var lines: [String] }

    /// Empty where there is no line yet.
    struct AuditCheckpoint: Codable {
        var origin: String?
        var size: Int64?
        var lastLine: Int64?
        var note: String?
    }

    struct PublicKey: Codable {
        var algorithm = "Ed25519"
        var publicKey: Data
    }
}
