import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What the device itself does to people of the fleet: each step is stamped in the transaction of its cause.
extension EdgeStore {
    /// The version of an enrollment that is being told; `nil` for a device that belongs to no fleet.
    ///
    /// It replaces what is in effect and stays in effect until central has settled it. One that is told again (`isRepeat`)
    /// keeps its version. Throws `consent.renewal.needed` for somebody who was erased and has agreed to nothing since.
    func stamp(_ owner: PersonOwner, isRepeat: Bool, _ db: Database) throws -> SubjectFacts? {
        guard let subject = try subject(of: owner.client, user: owner.personal.externalID) else { return nil }
        var row = try ReplicaRow.find(subject, db) ?? ReplicaRow(subject)
        let version: SubjectVersion
        if isRepeat, let own = row.replica.pending?.version {
            version = own
        } else {
            let consent = row.granted.map { max($0, row.replica.effective?.consent ?? 0) }
            let next = row.replica.next(at: try fleetTime(db), on: try fleetDevice(db), consent: consent)
            guard let next else { throw EdgeError(.consentRenewalNeeded) }
            version = next
        }
        row.replica.pending = Replica.Pending(version: version)
        (row.person, row.held, row.granted) = (owner.key, version, nil)
        try row.keep(db)
        return SubjectFacts(subject: subject, version: version)
    }

    /// Whether central knows the person as they stand here, so that there is nothing to tell.
    func isKnownToFleet(_ person: Int64, _ db: Database) throws -> Bool {
        guard let row = try ReplicaRow.find(person: person, db) else { return false }
        return row.replica.told != nil && row.replica.pending == nil
    }

    /// The person is erased here: what is to be told to the fleet, and nothing of them is in effect any more.
    ///
    /// `nil` for a device that belongs to no fleet, and for a record that does not open and was never told.
    func stampErasure(of person: Row, cause: String, _ db: Database) throws -> ErasedFacts? {
        guard fleet.isMember else { return nil }
        guard var row = try replica(of: person, db) else { return nil }
        let since = row.replica.effective?.consent ?? row.replica.erasedBelow
        let former = row.replica.scopes
        row.replica.erase(below: max(since + 1, row.replica.erasedBelow))
        (row.person, row.held, row.granted) = (nil, nil, nil)
        try row.keep(db)
        try row.keepPlaces(after: former, db)
        return ErasedFacts(cause: cause, subject: row.subject, consent: since)
    }

    private func replica(of person: Row, _ db: Database) throws -> ReplicaRow? {
        if let known = try ReplicaRow.find(person: person["key"], db) { return known }
        guard let owner = try whatOpens({ try PersonOwner(person, sealer) }),
            let subject = try subject(of: owner.client, user: owner.personal.externalID)
        else { return nil }
        return try ReplicaRow.find(subject, db) ?? ReplicaRow(subject)
    }

    /// A stamp that is later than every one before, made or seen.
    private func fleetTime(_ db: Database) throws -> HybridTime {
        var clock = try hybridClock(db)
        let time = clock.stamp(wall: self.clock.wall.column)
        try keep(clock, db)
        return time
    }

    func fleetDevice(_ db: Database) throws -> DeviceID {
        guard let device = UUID(bytes: try StoreIdentity.device(db)) else {
            throw EdgeError(.storeCorrupt, "The store's identity is damaged.")
        }
        return DeviceID(rawValue: device)
    }

    func hybridClock(_ db: Database) throws -> HybridClock {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT clock_wall, clock_counter FROM fleet_membership"))
        return HybridClock(
            latest: HybridTime(
                wall: row?["clock_wall"] ?? 0, counter: UInt32(truncatingIfNeeded: row?["clock_counter"] ?? 0 as Int64))
        )
    }

    func keep(_ clock: HybridClock, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE fleet_membership SET clock_wall = ?, clock_counter = ?")
            .execute(arguments: [clock.latest.wall, Int64(clock.latest.counter)])
    }
}

extension EdgeStore {
    /// Sees to it that an enrollment may begin: asks central for a new consent where the user was erased.
    ///
    /// Throws `consent.renewal.needed` where central cannot be asked or knows nothing of the erasure yet.
    func requireConsent(for session: SessionSnapshot) async throws(EdgeError) {
        guard session.kind == .enrollment, let user = session.externalUserID,
            let subject = try subject(of: session.client, user: user)
        else { return }
        let known = try await read { db in try ReplicaRow.find(subject, db) }
        guard let known, known.needsConsent else { return }
        guard let ports = fleet.ports else { throw EdgeError(.consentRenewalNeeded) }
        let consent: UInt64
        do throws(EdgeError) { consent = try await ports.consent(subject) } catch {
            throw EdgeError(
                .consentRenewalNeeded, "This user was erased; central must be reached for a new consent.")
        }
        try await write { db in
            guard var row = try ReplicaRow.find(subject, db) else { return }
            row.granted = max(consent, row.granted ?? 0)
            guard !row.needsConsent else {
                throw EdgeError(.consentRenewalNeeded, "Central does not know of the erasure yet; try again.")
            }
            try row.keep(db)
        }
    }
}

extension ReplicaRow {
    /// Whether an enrollment made now would count for nothing.
    var needsConsent: Bool { max(granted ?? 0, replica.effective?.consent ?? 0) < replica.erasedBelow }
}

extension PayloadValue.Member {
    /// What an enrollment says of itself to central, as ``SubjectFacts`` reads it.
    static func fleet(_ facts: SubjectFacts) -> [PayloadValue.Member] {
        let version: PayloadValue = [
            "consent": .integer(Int(clamping: facts.version.consent)),
            "generation": .integer(Int(clamping: facts.version.generation)),
            "time": [
                "wall": .integer(Int(facts.version.time.wall)), "counter": .integer(Int(facts.version.time.counter)),
            ],
            "device": .text(facts.version.device.description),
        ]
        return [.init("subject", .text(facts.subject.description)), .init("version", version)]
    }
}

extension PayloadValue {
    /// What the record of an erasure says.
    static func erased(cause: String, _ facts: ErasedFacts?) -> PayloadValue {
        guard let facts else { return ["cause": .text(cause)] }
        return [
            "cause": .text(cause), "subject": .text(facts.subject.description),
            "consent": .integer(Int(clamping: facts.consent)),
        ]
    }

    /// Below which consent a subject is erased.
    static func floor(_ subject: SubjectKey, below: UInt64) -> PayloadValue {
        ["subject": .text(subject.description), "below": .integer(Int(clamping: below))]
    }
}

extension EdgeStore {
    /// The subject is erased everywhere, and the person stays known here: under another id, or without templates.
    func eraseInFleet(_ person: Int64, _ db: Database) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM people WHERE key = ?", arguments: [person]),
            try ReplicaRow.find(person: person, db) != nil
        else { return }
        try tellErasure(of: row, cause: .request, db)
    }

    /// Everybody of a client that is being removed is erased everywhere.
    func eraseInFleet(client: ClientID, _ db: Database) throws {
        guard fleet.isMember else { return }
        let people = try Row.fetchAll(
            db, sql: "SELECT * FROM people WHERE client_id = ? ORDER BY key", arguments: [client.column])
        for person in people { try tellErasure(of: person, cause: .clientRemoved, db) }
    }

    private func tellErasure(of person: Row, cause: ErasureCause, _ db: Database) throws {
        guard let facts = try stampErasure(of: person, cause: cause.rawValue, db) else { return }
        try enqueue(
            OutboxDraft(
                kind: RecordKind.erased, client: try person.id("client_id"), person: try person.id("id"),
                content: .facts(.erased(cause: cause.rawValue, facts)), urgency: .essential), lane: .control, db)
    }
}
