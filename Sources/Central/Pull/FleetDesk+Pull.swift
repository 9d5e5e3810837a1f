import EdgeCore
import FoundationEssentials
import Logging
public import SyncCore

extension FleetDesk {
    /// Tells what has changed; waits as long as the request allows when nothing has.
    public func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        let mark = signal.mark
        let first = try await look(request, of: device)
        let wait = min(.milliseconds(max(request.waitMilliseconds, 0)), options.longestWait)
        guard wait > .zero, !first.hasNews(beside: request) else { return try await answer(first, to: device) }
        await waitForChange(of: device, Set(first.parts.map(\.scope)), after: mark, atMost: wait)
        guard !Task.isCancelled else { throw .busy(retryMilliseconds: 0) }
        return try await answer(look(request, of: device), to: device)
    }

    private func look(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> ScopeLook {
        let reader = PullReader(
            request: request, limit: options.pageLimit, digests: digests, checker: keys.signer)
        return try await decide(alone: false) { transaction in
            switch try transaction.member(device) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let entry):
                try transaction.noteApplied(by: entry, request)
                try transaction.note(request.configuration, of: entry)
                return .success(try reader.look(for: entry, &transaction))
            }
        }
    }

    private func waitForChange(
        of device: DeviceID, _ scopes: Set<ScopeID>, after mark: UInt64, atMost span: Duration
    ) async {
        await withTaskGroup { group in
            group.addTask { [signal] in await signal.wait(for: device, scopes, after: mark) }
            group.addTask { [sleep] in try? await sleep(span) }
            await group.next()
            group.cancelAll()
        }
    }

    private func answer(_ look: ScopeLook, to device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        var named: [FleetTenant] = []
        for tenant in look.tenants.sorted(by: { $0.uuidString < $1.uuidString }) {
            var told = look.clients[tenant] ?? FleetTenant(id: tenant, name: "")
            let name = if let client = told.client { client.name } else { await tenants.name(of: tenant) }
            told.name = name ?? "tenant \(tenant.uuidString.prefix(8).lowercased())"
            named.append(told)
        }
        let lease = FleetLease(
            device: device, issuedAt: look.time, serial: look.leaseSerial, policy: options.lease)
        let note: String
        do { note = try SignedNote.sign(lease.text, as: FleetLease.signerName, keys.signer) } catch {
            log.error("a lease cannot be signed")
            throw .busy(retryMilliseconds: 5000)
        }
        var answer = PullAnswer(
            incarnation: look.incarnation, time: look.time, scopes: look.parts, tenants: named, lease: note,
            hasMore: look.hasMore)
        answer.tenantsDigest = look.tenantsDigest
        answer.roots = look.roots
        answer.configuration = signed(look.configuration)
        answer.certificates = options.certificates == .off ? nil : options.certificates
        return answer
    }
}

extension FleetDesk {
    /// A configuration that cannot be signed now is told with a later answer.
    private func signed(_ configuration: FleetConfiguration?) -> String? {
        guard let configuration else { return nil }
        do {
            return try SignedNote.sign(configuration.text, as: FleetConfiguration.signerName, keys.signer)
        } catch {
            log.error("a configuration cannot be signed")
            return nil
        }
    }
}

/// What a device's scopes hold for it at one moment.
struct ScopeLook: Sendable {
    let incarnation: Incarnation
    let time: Int64
    let parts: [ScopePart]
    var tenants: Set<UUID>
    /// What is told of the tenants' clients.
    var clients: [UUID: FleetTenant] = [:]
    /// `nil` where the answer is not about clients.
    var tenantsDigest: String?
    let leaseSerial: UInt64
    let hasMore: Bool
    /// An announcement of roots that the device has not taken; nobody is answered for it alone, or one that cannot take it
    /// would ask without a pause.
    var roots: String?
    /// What the device has not heard of; it says so with its next question.
    var configuration: FleetConfiguration?

    /// Whether it tells the device anything; if not, it may wait.
    func hasNews(beside request: PullRequest) -> Bool {
        guard request.incarnation == incarnation, request.mistrusted.isEmpty else { return true }
        if configuration != nil { return true }
        if let known = request.tenants, let tenantsDigest, known != tenantsDigest { return true }
        let known = Dictionary(request.cursors.map { ($0.scope, $0.cursor) }) { first, _ in first }
        guard known.count == parts.count else { return true }
        return parts.contains { known[$0.scope] != $0.next || $0.isSnapshot || !$0.entries.isEmpty }
    }
}

/// Reads what a device asks for.
struct PullReader: Sendable {
    let request: PullRequest
    let limit: Int
    let digests: ScopeDigests
    let checker: any ProofChecker

    func look(for device: DeviceEntry, _ transaction: inout FleetTransaction) throws -> ScopeLook {
        let db = transaction.db
        guard let incarnation = try MetaTable.incarnation(db) else { throw EdgeError(.storeCorrupt) }
        var parts: [ScopePart] = []
        var tenants: Set<UUID> = []
        var hasMore = false
        let scopes = try DeviceTable.scopes(of: device.id, db)
        for scope in scopes {
            guard let end = try FeedTable.end(of: scope, db) else { continue }
            if device.standing == .quarantined {
                guard let part = try removals(of: scope, end, incarnation, db) else { continue }
                parts.append(part)
                hasMore = hasMore || part.next.removals < end.newest
            } else {
                let digest = try digest(of: scope, end, incarnation, db)
                let part = try part(of: scope, end, digest, incarnation, transaction)
                parts.append(part)
                tenants.formUnion(digest.tenants)
                hasMore = hasMore || !part.isComplete
            }
        }
        var look = ScopeLook(
            incarnation: incarnation, time: transaction.wall, parts: parts, tenants: tenants,
            leaseSerial: try transaction.nextLease(of: device), hasMore: hasMore)
        look.roots = try news(of: request.roots, db)
        look.configuration = try configuration(for: device, scopes: scopes, db)
        if request.tenants != nil { try addClients(to: &look, of: device, transaction) }
        return look
    }

    /// All clients whenever the device does not have exactly these; only which they are otherwise.
    private func addClients(to look: inout ScopeLook, of device: DeviceEntry, _ transaction: FleetTransaction) throws {
        let told = try transaction.tenants(for: device)
        let digest = HexText.encode(
            try checker.sha256(
                TenantDigest.message(told.map { (id: $0.id, version: $0.version, isRemoved: $0.isRemoved) })))
        // A quarantined device hears of what ends, and is not told that this is all.
        if device.standing != .quarantined { look.tenantsDigest = digest }
        look.tenants.formUnion(told.map(\.id))
        guard request.tenants != digest else { return }
        for tenant in told {
            look.clients[tenant.id] = FleetTenant(
                id: tenant.id, name: "", client: try transaction.client(tenant),
                removed: tenant.isRemoved ? tenant.version : nil, isOwn: tenant.home == device.id)
        }
    }

    private func cursor(of scope: ScopeID) -> ScopeCursor {
        request.cursors.first { $0.scope == scope }?.cursor ?? .start
    }

    private func verdict(_ scope: ScopeID, _ end: FeedTable.End, _ incarnation: Incarnation) -> PullRule.Verdict {
        PullRule.judge(
            cursor(of: scope), of: request.incarnation, present: incarnation, newest: end.newest,
            compactedThrough: end.compactedThrough)
    }

    private func part(
        of scope: ScopeID, _ end: FeedTable.End, _ digest: ScopeDigests.Digest, _ incarnation: Incarnation,
        _ transaction: FleetTransaction
    ) throws -> ScopePart {
        var (start, isSnapshot) = (ScopeCursor.start, true)
        if case .changes(let cursor) = verdict(scope, end, incarnation), !request.mistrusted.contains(scope) {
            (start, isSnapshot) = (cursor, false)
        }
        let db = transaction.db
        let page = PullRule.page(
            after: start,
            removals: try FeedTable.entries(of: scope, after: start.removals, removals: true, limit: limit, db),
            puts: try FeedTable.entries(of: scope, after: start.changes, removals: false, limit: limit, db),
            newest: end.newest, limit: limit)
        return ScopePart(
            scope: scope, isSnapshot: isSnapshot, entries: try page.entries.map(transaction.wire), next: page.next,
            isComplete: page.isComplete, root: page.isComplete ? digest.root : nil)
    }

    /// A quarantined device is told of removals, and of nobody new.
    private func removals(
        of scope: ScopeID, _ end: FeedTable.End, _ incarnation: Incarnation, _ db: any FleetSession
    ) throws -> ScopePart? {
        guard case .changes(let cursor) = verdict(scope, end, incarnation) else { return nil }
        let page = PullRule.page(
            after: cursor,
            removals: try FeedTable.entries(of: scope, after: cursor.removals, removals: true, limit: limit, db),
            puts: [], newest: end.newest, limit: limit)
        return ScopePart(
            scope: scope, isSnapshot: false, entries: page.entries.map { WireEntry($0) },
            next: ScopeCursor(removals: page.next.removals, changes: cursor.changes), isComplete: false, root: nil)
    }

    private func digest(
        of scope: ScopeID, _ end: FeedTable.End, _ incarnation: Incarnation, _ db: any FleetSession
    ) throws -> ScopeDigests.Digest {
        try digests.digest(of: scope, newest: end.newest, in: incarnation) {
            let tree = HashTree(try FeedTable.people(of: scope, db)) { (try? checker.sha256($0)) ?? [] }
            return ScopeDigests.Digest(
                incarnation: incarnation, newest: end.newest, root: HexText.encode(tree.root),
                tenants: try FeedTable.tenants(of: [scope], db))
        }
    }
}

extension FleetTransaction {
    /// An entry with the person, as devices are told.
    func wire(_ entry: FeedEntry) throws -> WireEntry {
        guard case .put(let version) = entry.content else { return WireEntry(entry) }
        let subject = try SubjectTable.find(entry.subject, db)
        guard let tenant = subject.tenant, let sealed = subject.payload else { return WireEntry(entry) }
        let plain: [UInt8]?
        do {
            plain = try seal.open(
                sealed, of: SealOwner(kind: .subject, id: entry.subject.rawValue),
                .person(entry.subject, version, tenant: tenant), db)
        } catch let error as EdgeError where error.code == .sealBroken {
            // One damaged person keeps nobody else from being told; devices count whom they cannot read.
            plain = nil
        }
        return WireEntry(entry, tenant: tenant, person: plain.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Each lease has a greater number than every one before, also after central was put back.
    func nextLease(of device: DeviceEntry) throws -> UInt64 {
        let serial = max(device.leaseSerial + 1, wall)
        try db.execute("UPDATE devices SET lease_serial = ? WHERE id = ?", [serial, device.id.column])
        return UInt64(serial)
    }

    /// Notes the erasures that follow from how far a device has applied what it was told.
    ///
    /// It has left the scopes in which an erasure was told, and let go of everybody in them; or the erased person was
    /// enrolled anew before it heard of the erasure, and with that enrollment it gave up everything before.
    func noteApplied(by device: DeviceEntry, _ request: PullRequest) throws {
        let duties = try ErasureTable.duties(of: device.id, db)
        guard !duties.isEmpty, request.incarnation == (try MetaTable.incarnation(db)) else { return }
        let cursors = Dictionary(request.cursors.map { ($0.scope, $0.cursor) }) { first, _ in first }
        let scopes = try DeviceTable.scopes(of: device.id, db)
        guard Set(scopes) == Set(cursors.keys) else { return }
        for subject in duties {
            guard let known = try ErasureTable.find(subject, db) else { continue }
            let entries = try scopes.compactMap { scope in
                try FeedTable.entry(of: subject, in: scope, db).map { (entry: $0, cursor: cursors[scope] ?? .start) }
            }
            let isApplied = entries.allSatisfy { entry, cursor in
                entry.change <= (entry.content.isRemoval ? cursor.removals : cursor.changes)
            }
            let isAnew = entries.contains { entry, _ in
                if case .put(let version) = entry.content { version.consent >= known.below } else { false }
            }
            // What was told as an erasure is proven by a record of its own.
            let isTold = entries.contains { entry, _ in
                if case .erased = entry.content { true } else { false }
            }
            guard isApplied, isAnew || !isTold else { continue }
            try prove(ErasureFloor(subject: subject, below: known.below), by: device.id)
        }
    }
}
