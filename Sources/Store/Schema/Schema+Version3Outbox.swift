extension Schema {
    /// Records that wait for central, in four lanes.
    ///
    /// A row of the audit lane points at its line, one of the events at its event (`source`); others carry their payload,
    /// plain or sealed under the person's key. Without its payload a row keeps its place in the chain by `digest`. How the
    /// lanes stand is in `meta`. The tenant's column has a name of its own: a lane has no holes when a client is removed.
    static let version3Outbox = """
        CREATE TABLE outbox (
            lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 3),
            sequence INTEGER NOT NULL CHECK (sequence > 0),
            kind TEXT NOT NULL,
            tenant_id BLOB,
            person_id BLOB,
            at INTEGER NOT NULL,
            boot_id BLOB,
            boot_time INTEGER,
            clock_quality TEXT,
            source INTEGER,
            is_sealed INTEGER NOT NULL CHECK (is_sealed IN (0, 1)),
            payload BLOB,
            digest BLOB NOT NULL CHECK (length(digest) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            PRIMARY KEY (lane, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX outbox_of_person ON outbox (person_id) WHERE lane = 1 AND payload IS NOT NULL;
        """
}
