extension Schema {
    /// What people agreed to before they were enrolled, and receipts of erasures.
    ///
    /// A consent is sealed under the key of the enrollment's session until it is completed, under the person's key from
    /// then on, and gone with the enrollment or the person. Receipts name nobody and stay: their client is `tenant_id`,
    /// because rows with a `client_id` go with the client. `is_taken` says that the rotation which destroys the key has
    /// begun after the erasure.
    static let version3People = """
        CREATE TABLE consents (
            enrollment_key INTEGER PRIMARY KEY REFERENCES enrollments (key) ON DELETE CASCADE,
            person_key INTEGER REFERENCES people (key) ON DELETE CASCADE,
            sealed BLOB NOT NULL,
            recorded_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX consents_of_person ON consents (person_key) WHERE person_key IS NOT NULL;

        CREATE TABLE erasure_receipts (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            tenant_id BLOB NOT NULL CHECK (length(tenant_id) = 16),
            receipt TEXT NOT NULL,
            is_taken INTEGER NOT NULL DEFAULT 0 CHECK (is_taken IN (0, 1)),
            completion TEXT,
            key_destroyed_at INTEGER,
            CHECK ((completion IS NULL) = (key_destroyed_at IS NULL))
        ) STRICT;
        CREATE INDEX erasure_receipts_of_tenant ON erasure_receipts (tenant_id, key);
        CREATE INDEX erasure_receipts_open ON erasure_receipts (key) WHERE completion IS NULL;

        CREATE INDEX enrollments_of_session ON enrollments (session_id);
        """
}
