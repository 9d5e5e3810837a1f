import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What the device holds of one subject, as it stands on disk.
struct ReplicaRow: Equatable {
    let subject: SubjectKey
    var replica = Replica()
    /// The person's row; `nil` when nobody of the subject is here.
    var person: Int64?
    /// The enrollment that the person's row and templates are of.
    var held: SubjectVersion?
    /// A consent that central gave for the next enrollment.
    var granted: UInt64?

    /// A subject of whom nothing is known.
    init(_ subject: SubjectKey) { self.subject = subject }

    /// As it stands; `nil` when nothing is known.
    static func find(_ subject: SubjectKey, _ db: Database) throws -> ReplicaRow? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM fleet_replicas WHERE subject = ?"), arguments: [subject.column]
        ).map { try ReplicaRow($0, db) }
    }

    /// By the person's row.
    static func find(person: Int64, _ db: Database) throws -> ReplicaRow? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM fleet_replicas WHERE person_row = ?"), arguments: [person]
        ).map { try ReplicaRow($0, db) }
    }

    init(_ row: Row, _ db: Database) throws {
        subject = try SubjectKey(column: row["subject"])
        person = row["person_row"]
        held = try (row["held"] as Data?).map { try VersionBytes.version($0) }
        granted = (row["granted"] as Int64?).map { UInt64(bitPattern: $0) }
        var pending: Replica.Pending?
        if let own = row["pending"] as Data? {
            pending = Replica.Pending(version: try VersionBytes.version(own))
            if let scope = row["settled_scope"] as Data?, let change = row["settled_change"] as Int64? {
                pending?.settledAt = ScopePoint(
                    scope: try ScopeID(column: scope), change: UInt64(bitPattern: change))
            }
        }
        let places = try Data.fetchAll(
            db.cachedStatement(sql: "SELECT scope FROM fleet_places WHERE subject = ?"), arguments: [subject.column])
        replica = Replica(
            told: try (row["told"] as Data?).map { try VersionBytes.version($0) },
            scopes: Set(try places.map { try ScopeID(column: $0) }), pending: pending,
            erasedBelow: UInt64(bitPattern: row["erased_below"]))
    }

    /// Writes it; a subject of whom there is nothing left to keep goes.
    func keep(_ db: Database) throws {
        guard !replica.isEmpty || granted != nil else {
            return try db.cachedStatement(sql: "DELETE FROM fleet_replicas WHERE subject = ?")
                .execute(arguments: [subject.column])
        }
        let point = replica.pending?.settledAt
        try db.cachedStatement(
            sql: """
                INSERT INTO fleet_replicas (subject, person_row, told, pending, settled_scope, settled_change, held,
                    erased_below, granted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (subject) DO UPDATE SET person_row = excluded.person_row, told = excluded.told,
                    pending = excluded.pending, settled_scope = excluded.settled_scope,
                    settled_change = excluded.settled_change, held = excluded.held,
                    erased_below = excluded.erased_below, granted = excluded.granted
                """
        ).execute(arguments: [
            subject.column, person, replica.told.map(VersionBytes.data),
            replica.pending.map { VersionBytes.data($0.version) }, point?.scope.column,
            point.map { Int64(bitPattern: $0.change) }, held.map(VersionBytes.data),
            Int64(bitPattern: replica.erasedBelow), granted.map { Int64(bitPattern: $0) },
        ])
    }

    /// Writes in which scopes the subject was told, where that has changed since `former`.
    func keepPlaces(after former: Set<ScopeID>, _ db: Database) throws {
        for scope in former.subtracting(replica.scopes) {
            try db.cachedStatement(sql: "DELETE FROM fleet_places WHERE scope = ? AND subject = ?")
                .execute(arguments: [scope.column, subject.column])
        }
        for scope in replica.scopes.subtracting(former) {
            try db.cachedStatement(sql: "INSERT INTO fleet_places (scope, subject) VALUES (?, ?)")
                .execute(arguments: [scope.column, subject.column])
        }
    }
}
