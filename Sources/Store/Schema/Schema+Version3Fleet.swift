extension Schema {
    /// The membership in a fleet, what central told of whom, and the epochs of the lanes.
    ///
    /// A subject is a pseudonym. `told` is the enrollment that central names the present one, in the scopes that `fleet_places`
    /// lists; `pending` is the device's own that central has not settled; `held` is the one that the person's row and templates
    /// are of. `fleet_home` says where a client is kept: `here`, `elsewhere`, or `removed` for one that goes with the last of its
    /// people; `verifiers` is what travels of its secrets, sealed under the client's key. `origin` is the device that an endpoint
    /// was made at, `NULL` for this one; `route` says which endpoints a device tells itself, and `subject` whom an event of
    /// another device names. A version is 44 bytes, see `VersionBytes`. `person_row` points without a rule, so that a person who
    /// is lost takes the memory of an erasure along neither here nor in a salvaged file. Rows that get a column with a default are
    /// written out once, see ``version3Integrity``.
    static let version3Fleet = """
        CREATE TABLE fleet_membership (
            key INTEGER PRIMARY KEY CHECK (key = 1),
            subject_key BLOB NOT NULL,
            sealed BLOB NOT NULL,
            incarnation BLOB CHECK (length(incarnation) = 16),
            clock_wall INTEGER NOT NULL DEFAULT 0,
            clock_counter INTEGER NOT NULL DEFAULT 0,
            lease TEXT,
            cosigned TEXT,
            tenants TEXT NOT NULL DEFAULT ''
        ) STRICT;

        CREATE TABLE fleet_scopes (
            scope BLOB PRIMARY KEY CHECK (length(scope) = 16),
            removals INTEGER NOT NULL,
            changes INTEGER NOT NULL,
            is_mistrusted INTEGER NOT NULL DEFAULT 0 CHECK (is_mistrusted IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE fleet_replicas (
            subject BLOB PRIMARY KEY CHECK (length(subject) = 16),
            person_row INTEGER,
            told BLOB CHECK (length(told) = 44),
            pending BLOB CHECK (length(pending) = 44),
            settled_scope BLOB CHECK (length(settled_scope) = 16),
            settled_change INTEGER,
            held BLOB CHECK (length(held) = 44),
            erased_below INTEGER NOT NULL,
            granted INTEGER,
            CHECK (pending IS NOT NULL OR settled_scope IS NULL),
            CHECK ((settled_scope IS NULL) = (settled_change IS NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fleet_replicas_of_person ON fleet_replicas (person_row) WHERE person_row IS NOT NULL;
        CREATE INDEX fleet_replicas_settled ON fleet_replicas (settled_scope) WHERE settled_scope IS NOT NULL;

        CREATE TABLE fleet_places (
            scope BLOB NOT NULL CHECK (length(scope) = 16),
            subject BLOB NOT NULL REFERENCES fleet_replicas (subject) ON DELETE CASCADE,
            is_stale INTEGER NOT NULL DEFAULT 0 CHECK (is_stale IN (0, 1)),
            PRIMARY KEY (scope, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX fleet_places_of_subject ON fleet_places (subject);

        CREATE TABLE lane_epochs (
            position INTEGER PRIMARY KEY,
            epoch BLOB NOT NULL UNIQUE CHECK (length(epoch) = 16),
            reason TEXT NOT NULL
        ) STRICT;

        ALTER TABLE clients ADD COLUMN verifiers BLOB;
        ALTER TABLE clients ADD COLUMN fleet_version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN fleet_home TEXT NOT NULL DEFAULT 'here';

        ALTER TABLE webhook_endpoints ADD COLUMN origin BLOB CHECK (origin IS NULL OR length(origin) = 16);
        ALTER TABLE webhook_endpoints ADD COLUMN fleet_version INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE webhook_events ADD COLUMN route TEXT;
        ALTER TABLE webhook_events ADD COLUMN subject BLOB CHECK (subject IS NULL OR length(subject) = 16);
        CREATE INDEX webhook_events_of_subject ON webhook_events (subject) WHERE subject IS NOT NULL;
        UPDATE clients SET name = name;
        UPDATE webhook_endpoints SET name = name;
        """
}
