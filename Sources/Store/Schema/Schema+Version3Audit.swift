extension Schema {
    /// Checkpoints of the audit trail, how good each line's clock was, and the seals of its tail.
    ///
    /// Lines of earlier versions have neither of the two new columns and stand in no tree. A tree ends where the next begins;
    /// the edge of the last one is in `meta`. The anchor says where the trail begins once its oldest lines were removed.
    static let version3Audit = """
        ALTER TABLE audit ADD COLUMN boot_time INTEGER;
        ALTER TABLE audit ADD COLUMN clock_quality TEXT;
        ALTER TABLE audit ADD COLUMN seal_interval INTEGER;
        ALTER TABLE audit ADD COLUMN seal_code BLOB;

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

        CREATE TABLE audit_anchor (
            through INTEGER PRIMARY KEY,
            hash BLOB NOT NULL CHECK (length(hash) = 32),
            first_sequence INTEGER NOT NULL REFERENCES audit_epochs (first_sequence),
            edge BLOB NOT NULL,
            seal BLOB NOT NULL
        ) STRICT;
        """
}
