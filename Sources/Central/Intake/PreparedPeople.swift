import EdgeCore
import FoundationEssentials
import SyncCore

/// What is known of the people of one batch of events, read at once instead of person by person.
///
/// It holds for one transaction that changes nobody: an erasure, which would end it, runs with nobody beside it.
struct PreparedPeople {
    private var states: [SubjectKey: SubjectState] = [:]
    private var keys: [SealOwner: [UInt8]] = [:]
    private var tenants: [UUID: Bool] = [:]

    /// Nobody: everything is looked up when it is asked for.
    init() {}

    /// Reads everybody whom these owners are.
    init(_ owners: Set<SealOwner>, _ db: any FleetSession) throws {
        let people = owners.filter { $0.kind == .subject }.map(\.id)
        for id in people { states[SubjectKey(rawValue: id)] = SubjectState() }
        for part in Self.parts(of: people) {
            let places = Array(repeating: "?", count: part.count).joined(separator: ", ")
            let arguments = part.map(\.column)
            for subject in try SubjectTable.all(where: "key IN (\(places))", arguments, db) {
                states[subject.key] = subject.state
            }
            let rows = try db.rows(
                "SELECT owner, wrapped FROM seal_keys WHERE kind = 'subject' AND owner IN (\(places))", arguments)
            for row in rows {
                keys[SealOwner(kind: .subject, id: try UUID(column: row["owner"]))] = Array(try row["wrapped"] as Data)
            }
        }
    }

    /// Whether a tenant was removed with everybody of it.
    mutating func isRemoved(_ tenant: UUID, _ db: any FleetSession) throws -> Bool {
        if let known = tenants[tenant] { return known }
        let isRemoved = try TenantTable.find(tenant, db)?.isRemoved ?? false
        tenants[tenant] = isRemoved
        return isRemoved
    }

    /// The tenant is removed, and its key with it.
    mutating func remove(_ tenant: UUID) {
        tenants[tenant] = true
        keys[SealOwner(kind: .tenant, id: tenant)] = nil
    }

    func state(of subject: SubjectKey, _ db: any FleetSession) throws -> SubjectState {
        try states[subject] ?? SubjectTable.find(subject, db).state
    }

    /// The owner's key; one that is not there yet is made.
    mutating func key(of owner: SealOwner, _ seal: PersonalSeal, _ db: any FleetSession) throws -> [UInt8] {
        if let known = keys[owner] { return known }
        let key = try seal.key(of: owner, db)
        keys[owner] = key
        return key
    }

    /// Parts whose sizes are powers of two, so that only a few statements are ever prepared.
    private static func parts(of people: [UUID]) -> [[UUID]] {
        var (parts, rest): ([[UUID]], [UUID]) = ([], people)
        while !rest.isEmpty {
            let size = min(128, 1 << (Int.bitWidth - 1 - rest.count.leadingZeroBitCount))
            parts.append(Array(rest.prefix(size)))
            rest.removeFirst(size)
        }
        return parts
    }
}
