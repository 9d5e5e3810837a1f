import EdgeCore
import Foundation

/// What the standing of a central instance comes to, one finding for each thing that it needs.
struct CentralExam {
    /// Events and deliveries that wait for longer than this are stuck.
    static let queuePatience: TimeInterval = 3600
    /// Devices that are off for a weekend prove an erasure late; beyond this somebody should look.
    static let erasurePatience: TimeInterval = 7 * 86_400
    /// Certificates that end within this are told while there is time for others.
    static let certificateNotice: TimeInterval = 14 * 86_400
    /// What a server keeps for its own administrators.
    static let reservedConnections = 3
    static let oldestServer = 15
    static let serverFix = "see that the server runs, is of version \(oldestServer) or later and lets central in"

    let standing: CentralStanding
    let now: Date
    /// How many connections to a server this instance may open.
    let connections: Int

    var findings: [Finding] {
        let books = [database, serverConnections].compactMap(\.self)
        guard let fleet = standing.fleet else { return books + webhooks(nil) + certificates(nil) }
        return books + devices(fleet) + [erasures(fleet)] + webhooks(fleet) + certificates(fleet)
    }

    // MARK: The books

    private var database: Finding {
        guard let database = standing.database else {
            return Finding(
                .database, .bad, "The fleet's database does not answer: \(standing.fault ?? "no reason is known").",
                fix: Self.serverFix)
        }
        let name = "\(database.kind) \(database.version)"
        let major = database.version.prefix { $0.isNumber }
        if database.kind == "postgresql", let major = Int(major), major < Self.oldestServer {
            return Finding(
                .database, .bad, "\(name) is too old.", fix: "a server of version \(Self.oldestServer) or later")
        }
        switch (database.schema, database.knownSchema) {
        case (0, _): return Finding(.database, .note, "\(name) holds no books yet; central's first start makes them.")
        case (let there, let known) where there > known:
            return Finding(
                .database, .bad, "The books in \(name) are of version \(there), this program knows \(known).",
                fix: "the version of edged that wrote them; there is no way back but a backup")
        case (let there, let known) where there < known:
            return Finding(
                .database, .note, "The books in \(name) are of version \(there); the next start makes it \(known).")
        case (let there, _):
            return Finding(.database, .good, "The books are in \(name), version \(there), which is the newest.")
        }
    }

    private var serverConnections: Finding? {
        guard let used = standing.database?.usedConnections, let limit = standing.database?.connectionLimit else {
            return nil
        }
        let facts = "\(used) of the server's \(limit) connections are in use; this instance may open \(connections)"
        guard connections + Self.reservedConnections <= limit, used * 10 < limit * 9 else {
            return Finding(
                .database, .warning, facts + ".", fix: "max_connections there, or [central] postgres_connections here")
        }
        return Finding(.database, .good, facts + ".")
    }

    // MARK: The fleet

    private func devices(_ fleet: CentralStanding.Fleet) -> [Finding] {
        [hearing(fleet)] + (fleet.quarantined.waiting > 0 ? [quarantine(fleet.quarantined)] : [])
    }

    private func hearing(_ fleet: CentralStanding.Fleet) -> Finding {
        guard fleet.members > 0 else {
            return Finding(.fleet, .note, "No device has joined.", fix: "edged central token create")
        }
        guard fleet.silent > 0 else {
            return Finding(.fleet, .good, "All \(fleet.members) devices were heard of while their lease was fresh.")
        }
        let longest = fleet.longestSilent.map { "; \($0) the longest, \(age(fleet.longestSilentSince))" } ?? ""
        return Finding(
            .fleet, .warning,
            "\(fleet.silent) of \(fleet.members) devices were not heard of since their lease was fresh\(longest).",
            fix: "see that they run and reach central (edged sync status there), or edged central revoke DEVICE")
    }

    private func quarantine(_ queue: CentralStanding.Queue) -> Finding {
        Finding(
            .fleet, .warning,
            "\(queue.waiting) quarantined devices wait for a decision, the first for \(age(queue.oldestAt)).",
            fix: "look whether there are two of it and stop one, then edged central release DEVICE, or revoke it")
    }

    private func erasures(_ fleet: CentralStanding.Fleet) -> Finding {
        let queue = fleet.erasures
        guard queue.waiting > 0 else { return Finding(.erasures, .good, "Every erasure was proven by all devices.") }
        return Finding(
            .erasures, isOverdue(queue, Self.erasurePatience) ? .warning : .note,
            "\(queue.waiting) erasures are not proven by all devices, the oldest for \(age(queue.oldestAt)).",
            fix: "edged central erasures names the devices: start them, or edged central revoke DEVICE")
    }

    // MARK: Webhooks

    private func webhooks(_ fleet: CentralStanding.Fleet?) -> [Finding] {
        let rows: [(what: String, queue: CentralStanding.Queue?, fix: String)] = [
            ("events of devices", fleet?.events, "run an instance with [webhooks] local_delivery; its log tells why"),
            ("deliveries", standing.deliveries, "GET /api/webhooks/deliveries/ tells what receivers answered"),
        ]
        return rows.compactMap { row in row.queue.map { queue($0, row.what, fix: row.fix) } }
    }

    private func queue(_ queue: CentralStanding.Queue, _ what: String, fix: String) -> Finding {
        guard queue.waiting > 0 else { return Finding(.webhooks, .good, "No \(what) wait.") }
        let text = "\(queue.waiting) \(what) wait, the oldest for \(age(queue.oldestAt))."
        return isOverdue(queue, Self.queuePatience)
            ? Finding(.webhooks, .warning, text, fix: fix) : Finding(.webhooks, .good, text)
    }

    // MARK: Certificates

    private func certificates(_ fleet: CentralStanding.Fleet?) -> [Finding] {
        let rows: [(what: String, end: Date?, fix: String)] = [
            (
                "The certificate that devices are shown", standing.certificateExpiresAt,
                "put another one where [http.lan] names it, and announce its root first: edged central roots"
            ),
            (
                "The certificate that signs those of devices", fleet?.authorityExpiresAt,
                "restart central: a new one is made when a device asks"
            ),
            ("The first of the announced roots", standing.rootsExpireAt, "edged central roots FILE, with the next one"),
        ]
        let found = rows.compactMap { row in row.end.map { term(row.what, $0, row.fix) } }
        guard standing.certificateExpiresAt == nil else { return found }
        return found + [
            Finding(
                .certificate, .note, "No certificate for devices is known here.",
                fix: "[http.lan] with listen and names, unless something before central serves TLS")
        ]
    }

    private func term(_ what: String, _ end: Date, _ fix: String) -> Finding {
        let left = end.timeIntervalSince(now)
        let days = Int(left / 86_400)
        if left <= 0 { return Finding(.certificate, .bad, "\(what) ended \(-days) days ago.", fix: fix) }
        return left < Self.certificateNotice
            ? Finding(.certificate, .warning, "\(what) ends in \(days) days.", fix: fix)
            : Finding(.certificate, .good, "\(what) holds for \(days) days.")
    }

    // MARK: Time

    private func isOverdue(_ queue: CentralStanding.Queue, _ patience: TimeInterval) -> Bool {
        queue.oldestAt.map { now.timeIntervalSince($0) > patience } ?? false
    }

    private func age(_ moment: Date?) -> String {
        guard let moment else { return "an unknown time" }
        let seconds = Int(max(now.timeIntervalSince(moment), 0))
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
