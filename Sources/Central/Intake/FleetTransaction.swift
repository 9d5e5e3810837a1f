import EdgeCore
import FoundationEssentials
import SyncCore

/// One transaction of central, with what has to be told once it is on disk.
struct FleetTransaction {
    let db: any FleetSession
    /// Central's wall time, microseconds since 1970.
    let wall: Int64
    let seal: PersonalSeal
    /// The central instance's own doors; `nil` where it has none.
    let own: DeviceID?
    /// Scopes that were told something.
    private(set) var told: Set<ScopeID> = []
    /// Devices whose standing or scopes changed.
    var touched: Set<DeviceID> = []
    /// Whether something was erased.
    private(set) var hasErased = false
    /// Whether something waits to be handed on.
    private(set) var hasForwarded = false
    private var queueEnd: Int64?
    /// What was read of a batch's people before.
    var people = PreparedPeople()

    /// What follows from the transaction once it is on disk.
    struct Aftermath: Sendable {
        let told: Set<ScopeID>
        let touched: Set<DeviceID>
        let hasErased: Bool
        let hasForwarded: Bool
    }

    var aftermath: Aftermath {
        Aftermath(told: told, touched: touched, hasErased: hasErased, hasForwarded: hasForwarded)
    }

    init(db: any FleetSession, wall: Int64, seal: PersonalSeal, own: DeviceID? = nil) {
        self.own = own
        self.db = db
        self.wall = wall
        self.seal = seal
    }

    /// Makes a scope; returns its id.
    ///
    /// Throws `request.invalid` for a name that another one has.
    @discardableResult
    static func createScope(named name: String, at wall: Int64, _ db: any FleetSession) throws -> ScopeID {
        let name = try FleetName.checked(name)
        let isTaken = try db.row("SELECT 1 FROM scopes WHERE name = ?", [name]) != nil
        guard !isTaken else { throw EdgeError(.scopeExists, field: "name") }
        let id = ScopeID(rawValue: UUID())
        // No two at the same time, so that the oldest is always the same one.
        let newest: Int64 = try db.value("SELECT max(created_at) FROM scopes") ?? 0
        try db.execute(
            "INSERT INTO scopes (id, name, newest, compacted_through, created_at) VALUES (?, ?, 0, 0, ?)",
            [id.column, name, max(wall, newest + 1)])
        return id
    }

    mutating func tell(_ scope: ScopeID, _ subject: SubjectKey, _ content: SubjectChange) throws {
        try db.alone()
        try FeedTable.tell(scope, subject, content, at: wall, db)
        told.insert(scope)
    }

    /// Whoever waits for these scopes looks again.
    mutating func wake(_ scopes: Set<ScopeID>) { told.formUnion(scopes) }

    /// Has something handed on, behind all that waits already, whatever the clock says.
    mutating func forward(_ item: EventQueueTable.Item) throws {
        let place = max(wall, try (queueEnd ?? EventQueueTable.end(db) ?? 0) + 1)
        queueEnd = place
        try EventQueueTable.append(item, at: place, db)
        hasForwarded = true
    }

    /// Something was erased: the log is emptied.
    mutating func noteErased() { hasErased = true }

    /// Stops a device; what it says from now on changes nothing.
    mutating func quarantine(_ device: DeviceEntry, because reason: String) throws {
        var device = device
        (device.standing, device.reason, device.standingSince) = (.quarantined, reason, wall)
        try DeviceTable.keep(device, db)
        touched.insert(device.id)
    }
}

// MARK: People

extension FleetTransaction {
    /// An enrollment that a device pushed.
    struct Enrollment {
        let facts: SubjectFacts
        let tenant: UUID
        /// As the device sent it.
        let payload: [UInt8]
    }

    /// Lets an enrollment take effect; returns why it does not.
    mutating func enroll(
        _ enrollment: Enrollment, by device: DeviceEntry, home: ScopeID
    ) throws -> SubjectRule.Refusal? {
        try db.alone()
        let key = enrollment.facts.subject
        var subject = try SubjectTable.find(key, db)
        let verdict = SubjectRule.judge(
            enrollment.facts.version, from: device.standing, against: subject.state, wall: wall)
        switch verdict {
        case .refused(let refusal):
            if refusal == .consentEnded { try tellErased(subject, to: device.id, home: home) }
            return refusal
        case .superseded: break
        case .current(let state, _):
            try shred(&subject, for: state)
            subject.tenant = enrollment.tenant
            if let version = state.version {
                subject.payload = try seal.seal(
                    enrollment.payload, for: SealOwner(kind: .subject, id: key.rawValue),
                    .person(key, version, tenant: enrollment.tenant), db)
            }
            try SubjectTable.keep(subject, db)
        }
        try SubjectTable.enter(key, home, db)
        try enter(enrollment.tenant, home)
        guard let present = subject.state.alive else { return nil }
        for scope in try SubjectTable.scopes(of: key, db) { try tell(scope, key, .put(present)) }
        return nil
    }

    /// Erases a subject up to where `state` says, and tells everybody who may hold it.
    ///
    /// `source` is the device where it was asked for; it has done so itself.
    mutating func erase(_ key: SubjectKey, to state: SubjectState, by source: DeviceID?) throws {
        try db.alone()
        var subject = try SubjectTable.find(key, db)
        guard state != subject.state else { return }
        let known = try SubjectTable.scopes(of: key, db)
        try shred(&subject, for: state)
        try SubjectTable.keep(subject, db)
        // Whoever is enrolled under a later consent stays.
        if let present = state.alive {
            for scope in known { try tell(scope, key, .put(present)) }
            return
        }
        let home = try source.flatMap { try DeviceTable.scopes(of: $0, db).first }
        // Also where an earlier erasure was told: nobody is left with a word that is older than what must be proven.
        let scopes = known.union(home.map { [$0] } ?? []).union(try FeedTable.scopes(of: key, db))
        for scope in scopes { try tell(scope, key, .erased(below: state.erasedBelow)) }
        try SubjectTable.leaveAll(key, db)
        try openBook(of: key, below: state.erasedBelow, scopes: scopes, source: source)
    }

    /// A device says that it holds nothing of a subject under consents below this.
    func prove(_ floor: ErasureFloor, by device: DeviceID) throws {
        guard let known = try ErasureTable.find(floor.subject, db), floor.below >= known.below else { return }
        var book = known.book
        book.prove(device, at: wall)
        guard book != known.book else { return }
        try db.alone()
        try ErasureTable.keep(book, of: floor.subject, below: known.below, db)
    }

    private func openBook(
        of key: SubjectKey, below: UInt64, scopes: Set<ScopeID>, source: DeviceID?
    ) throws {
        var book = ErasureBook(orderedAt: wall, devices: try DeviceTable.members(of: scopes, db))
        // Who still owes the proof of an earlier erasure owes this one.
        if let earlier = try ErasureTable.find(key, db)?.book {
            for (device, since) in earlier.outstanding where book.outstanding[device] == nil {
                book.expect(device, at: since)
            }
        }
        if let source { book.prove(source, at: wall) }
        try ErasureTable.keep(book, of: key, below: below, db)
    }

    /// A device tried to bring back who was erased: it is told once more, and owes the proof.
    private mutating func tellErased(_ subject: SubjectEntry, to device: DeviceID, home: ScopeID) throws {
        // Whoever is enrolled anew stays, and the feed's word about that is as good.
        guard subject.state.alive == nil else { return }
        let below = subject.state.erasedBelow
        try tell(home, subject.key, .erased(below: below))
        var book = try ErasureTable.find(subject.key, db)?.book ?? ErasureBook(orderedAt: wall, devices: [])
        book.expect(device, at: wall)
        try ErasureTable.keep(book, of: subject.key, below: below, db)
    }

    /// Takes a new state; what an erasure in it has ended can be read by nobody any more.
    private mutating func shred(_ subject: inout SubjectEntry, for state: SubjectState) throws {
        let isErasure = state.erasedBelow > subject.state.erasedBelow
        subject.state = state
        guard isErasure else { return }
        try SubjectTable.forgetPayloads(of: subject.key, below: state.erasedBelow, db)
        if state.alive == nil {
            subject.payload = nil
            try forward(.erased(subject.key))
            try PersonalSeal.destroy(SealOwner(kind: .subject, id: subject.key.rawValue), db)
            try MetaTable.keep(wall, as: .rotationDue, db)
        }
        hasErased = true
    }
}

/// Names that operators and devices give.
enum FleetName {
    /// The name without blanks around it.
    ///
    /// Throws `request.invalid`.
    static func checked(_ name: String) throws(EdgeError) -> String {
        var characters = Substring(name)
        while let first = characters.first, first.isWhitespace { characters.removeFirst() }
        while let last = characters.last, last.isWhitespace { characters.removeLast() }
        guard !characters.isEmpty, characters.count <= 100, characters.unicodeScalars.allSatisfy({ $0.value >= 0x20 })
        else { throw EdgeError(.requestInvalid, "A name has 1 to 100 characters.", field: "name") }
        return String(characters)
    }
}
