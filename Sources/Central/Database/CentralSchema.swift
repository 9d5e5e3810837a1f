import EdgeCore
import GRDB

/// The numbered versions of central's schema; a released one is never changed.
///
/// Plain tables and single-row counters, so that another SQL database can hold the same.
enum CentralSchema {
    /// `EDGC`, so that a device's store and central's are not taken for each other.
    static let applicationID = 0x4544_4743

    static let migrations = [
        fleet + records + people + tenants + events, members, certificates, configuration,
        formerConfiguration,
    ]

    /// Brings the file to the newest version, one transaction for each step.
    ///
    /// Throws `store.schema.newer` and `store.corrupt`.
    static func migrate(_ db: Database) throws {
        let present = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard present <= migrations.count else {
            throw EdgeError(
                .storeSchemaNewer, "Central's file has schema \(present); this version knows \(migrations.count).")
        }
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard owner == applicationID || (isEmpty && owner == 0) else {
            throw EdgeError(.storeCorrupt, "The file is an SQLite file, but not one of central's.")
        }
        for (number, sql) in zip(1..., migrations) where number > present {
            try db.inTransaction(.immediate) {
                try db.execute(sql: sql)
                try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(number)")
                return .commit
            }
        }
    }

    /// With which credentials members come, where several central instances have to know.
    private static let members = """
        CREATE TABLE member_credentials (
            client BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            key_digest BLOB NOT NULL UNIQUE,
            secret_digest BLOB NOT NULL,
            made_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// Who belongs to the fleet, and who may join it.
    private static let fleet = """
        CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE scopes (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            newest INTEGER NOT NULL,
            compacted_through INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE devices (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            public_key BLOB NOT NULL CHECK (length(public_key) = 32),
            client_id BLOB UNIQUE,
            model_id TEXT NOT NULL,
            model_version TEXT NOT NULL,
            software TEXT NOT NULL,
            standing TEXT NOT NULL,
            standing_reason TEXT,
            standing_since INTEGER NOT NULL,
            epochs TEXT NOT NULL,
            joined_at INTEGER NOT NULL,
            last_seen INTEGER,
            has_spoken INTEGER NOT NULL CHECK (has_spoken IN (0, 1)),
            clock_ahead INTEGER NOT NULL,
            lease_serial INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE device_scopes (
            device BLOB NOT NULL REFERENCES devices (id),
            place INTEGER NOT NULL,
            scope BLOB NOT NULL REFERENCES scopes (id),
            PRIMARY KEY (device, place),
            UNIQUE (device, scope)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE bootstrap_tokens (
            digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
            id BLOB NOT NULL UNIQUE,
            scopes TEXT NOT NULL,
            name TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            used_by BLOB,
            used_at INTEGER
        ) STRICT, WITHOUT ROWID;

        """

    /// What devices have told, in their own order.
    private static let records = """
        CREATE TABLE lanes (
            key INTEGER PRIMARY KEY,
            device BLOB NOT NULL REFERENCES devices (id),
            epoch BLOB NOT NULL,
            lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 3),
            acknowledged INTEGER NOT NULL,
            head BLOB NOT NULL CHECK (length(head) = 32),
            UNIQUE (device, epoch, lane)
        ) STRICT;
        CREATE TABLE records (
            lane_key INTEGER NOT NULL REFERENCES lanes (key),
            sequence INTEGER NOT NULL CHECK (sequence > 0),
            kind TEXT NOT NULL,
            tenant BLOB,
            person BLOB,
            at INTEGER NOT NULL,
            boot_id BLOB,
            boot_time INTEGER,
            clock_quality TEXT,
            received_at INTEGER NOT NULL,
            subject BLOB,
            consent INTEGER,
            seal TEXT,
            payload BLOB,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            refused TEXT,
            PRIMARY KEY (lane_key, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX records_of_subject ON records (subject) WHERE subject IS NOT NULL AND payload IS NOT NULL;
        CREATE TABLE lost_records (
            lane_key INTEGER NOT NULL REFERENCES lanes (key),
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            head BLOB NOT NULL CHECK (length(head) = 32),
            noted_at INTEGER NOT NULL,
            PRIMARY KEY (lane_key, last)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE checkpoints (
            device BLOB NOT NULL REFERENCES devices (id),
            epoch BLOB NOT NULL,
            size INTEGER NOT NULL,
            root BLOB NOT NULL CHECK (length(root) = 32),
            note TEXT NOT NULL,
            noted_at INTEGER NOT NULL,
            PRIMARY KEY (device, epoch)
        ) STRICT, WITHOUT ROWID;

        """

    /// Whom the fleet knows, by pseudonyms.
    private static let people = """
        CREATE TABLE seal_keys (
            kind TEXT NOT NULL,
            owner BLOB NOT NULL,
            wrapped BLOB NOT NULL,
            PRIMARY KEY (kind, owner)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE subjects (
            key BLOB PRIMARY KEY,
            tenant BLOB,
            erased_below INTEGER NOT NULL,
            version TEXT,
            payload BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE subject_scopes (
            subject BLOB NOT NULL,
            scope BLOB NOT NULL REFERENCES scopes (id),
            PRIMARY KEY (subject, scope)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE feed (
            scope BLOB NOT NULL REFERENCES scopes (id),
            subject BLOB NOT NULL,
            change INTEGER NOT NULL,
            is_removal INTEGER NOT NULL CHECK (is_removal IN (0, 1)),
            content TEXT NOT NULL,
            told_at INTEGER NOT NULL,
            PRIMARY KEY (scope, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX feed_of_subject ON feed (subject);
        CREATE INDEX feed_in_order ON feed (scope, is_removal, change);
        CREATE TABLE erasures (
            subject BLOB PRIMARY KEY,
            below INTEGER NOT NULL,
            ordered_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE erasure_proofs (
            subject BLOB NOT NULL REFERENCES erasures (subject),
            device BLOB NOT NULL,
            since INTEGER NOT NULL,
            proven_at INTEGER,
            PRIMARY KEY (subject, device)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX erasure_duties ON erasure_proofs (device) WHERE proven_at IS NULL;

        """
}
