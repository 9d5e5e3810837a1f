import EdgeCore
import FoundationEssentials
import Synchronization

/// Writes refused credentials and refused rights into the audit trail, few enough that a flood cannot fill the disk.
///
/// The first ones of each client, or of each address where nobody is known, get a line of their own in each minute; the rest
/// are counted, and the count gets a line when the minute is over. Many from one address are a security event too.
final class RefusalLedger: Sendable {
    /// Refusals of unknown callers from one address in a minute that are a security event.
    static let suspicious = 20

    private let audit: any AuditTrail
    private let security: any SecurityJournal
    private let clock: any EdgeClock
    private let windows = Mutex(RefusalWindows())

    init(audit: any AuditTrail, security: any SecurityJournal, clock: any EdgeClock) {
        self.audit = audit
        self.security = security
        self.clock = clock
    }

    /// Notes a refusal; `subject` is what it was about, a word of ours.
    func note(_ error: EdgeError, subject: String, client: ClientID? = nil) async {
        let now = clock.wall
        let source: RefusalWindows.Source =
            client.map { .client($0) } ?? .address(RequestOrigin.current?.address ?? "local")
        let (isWritten, ended) = windows.withLock { windows in
            let ended = windows.ended(at: now)
            return (windows.note(source, at: now), ended)
        }
        await write(ended, at: now)
        guard isWritten else { return }
        let action = error.code.kind == .unauthorized ? "credentials.refused" : "access.refused"
        await append(
            AuditRecord(
                action: action, client: client, succeeded: false, reason: error.code.rawValue,
                detailsJSON: Self.text(["subject": .string(subject)]), at: now))
    }

    /// Writes the counts of a minute that is over.
    func flush() async {
        let now = clock.wall
        await write(windows.withLock { $0.ended(at: now) }, at: now)
    }

    /// Writes what is left, whether or not its minute is over.
    func close() async {
        await write(windows.withLock { $0.takeAll() }, at: clock.wall)
    }

    /// Looks again and again for a minute that is over, until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(10))
            await flush()
        }
    }

    /// Written by the device for itself: whoever happens to be served now has no part in it.
    private func write(_ counts: [RefusalWindows.Count], at now: Date) async {
        await RequestOrigin.$current.withValue(nil) {
            for count in counts {
                var details: JSONObject = ["count": .integer(Int64(count.number))]
                if count.client == nil { details["ip_address"] = .text(count.address) }
                await append(
                    AuditRecord(
                        action: "refusals.counted", client: count.client, succeeded: false,
                        detailsJSON: Self.text(details), at: now))
                if count.client == nil, count.number >= Self.suspicious { await warn(count, at: now) }
            }
        }
    }

    private func warn(_ count: RefusalWindows.Count, at now: Date) async {
        var event = SecurityEventRecord(
            type: .failedAuthentication, severity: .high,
            detailsJSON: Self.text(["refusals": .integer(Int64(count.number))]), createdAt: now)
        event.address = count.address
        try? await security.note(event)
    }

    /// A refusal stands whether or not it can be written down; that the store fails is told elsewhere.
    private func append(_ record: AuditRecord) async { try? await audit.append(record) }

    private static func text(_ object: JSONObject) -> String {
        String(decoding: JSONValue.object(object).bytes, as: UTF8.self)
    }
}

/// The refusals of one minute, by who was refused.
struct RefusalWindows: Sendable {
    /// A client that is known, or the address of somebody who is not.
    enum Source: Sendable, Hashable {
        case client(ClientID)
        case address(String)
    }

    /// Lines of their own for each source in a minute.
    static let linesOfAddress = 5
    /// Lines of their own for all sources in a minute.
    static let linesOfAll = 20
    /// Sources that are counted one by one; all others together.
    static let maximumAddresses = 16
    static let length = 60.0

    /// How many refusals got no line of their own.
    struct Count: Sendable, Equatable {
        /// `nil` for all sources that are not counted one by one.
        let source: Source?
        let number: Int

        var client: ClientID? { if case .client(let client) = source { client } else { nil } }
        var address: String? { if case .address(let address) = source { address } else { nil } }
    }

    private var start: Date?
    private var seen: [Source: Int] = [:]
    private var written = 0
    private var uncounted: [Source: Int] = [:]
    private var others = 0

    /// Notes a refusal; whether it gets a line of its own.
    mutating func note(_ source: Source, at now: Date) -> Bool {
        if start == nil { start = now }
        if seen[source] != nil || seen.count < Self.maximumAddresses {
            seen[source, default: 0] += 1
            if seen[source, default: 0] <= Self.linesOfAddress, written < Self.linesOfAll {
                written += 1
                return true
            }
            uncounted[source, default: 0] += 1
        } else {
            others += 1
        }
        return false
    }

    /// What a minute that is over still has to say; begins anew then.
    ///
    /// A clock that was set back ends the minute too.
    mutating func ended(at now: Date) -> [Count] {
        guard let start, !(start...start.addingTimeInterval(Self.length)).contains(now) else { return [] }
        return takeAll()
    }

    /// What is counted and not yet said; begins anew.
    mutating func takeAll() -> [Count] {
        var counts = uncounted.sorted { $0.value > $1.value }.map { Count(source: $0.key, number: $0.value) }
        if others > 0 { counts.append(Count(source: nil, number: others)) }
        self = RefusalWindows()
        return counts
    }
}
