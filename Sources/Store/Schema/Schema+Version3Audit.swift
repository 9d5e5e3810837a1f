extension Schema {
    /// Checkpoints of the audit trail, and how good each line's clock was.
    ///
    /// Lines of earlier versions have neither of the two new columns and stand in no tree. A tree ends where the next begins;
    /// the edge of the last one is in `meta`.
    static let version3Audit = """
        ALTER TABLE audit ADD COLUMN boot_time INTEGER;
        ALTER TABLE audit ADD COLUMN clock_quality TEXT;

        CREATE TABLE audit_epochs (
            first_sequence INTEGER PRIMARY KEY,
            epoch BLOB NOT NULL UNIQUE CHECK (length(epoch) = 16)
        ) STRICT;

        CREATE TABLE audit_checkpoints (
            first_sequence INTEGER NOT NULL REFERENCES audit_epochs (first_sequence),
            size INTEGER NOT NULL CHECK (size > 0),
            origin TEXT NOT NULL,
            note TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (first_sequence, size)
        ) STRICT, WITHOUT ROWID;
        """
}
