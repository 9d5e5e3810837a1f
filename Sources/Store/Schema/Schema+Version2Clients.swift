extension Schema {
    /// Rights of clients, families of tokens, answers that are given again.
    ///
    /// `is_active` follows from `status` and is kept in step. Features are JSON; `NULL` are those of the tier. The token
    /// family of a technician belongs to no client and has a row only once it was ended.
    static let clientsVersion2 = """
        ALTER TABLE clients ADD COLUMN scope TEXT NOT NULL DEFAULT 'integrator';
        ALTER TABLE clients ADD COLUMN status TEXT NOT NULL DEFAULT 'active';
        ALTER TABLE clients ADD COLUMN tier TEXT NOT NULL DEFAULT 'enterprise';
        ALTER TABLE clients ADD COLUMN features TEXT;
        ALTER TABLE clients ADD COLUMN rate_per_hour INTEGER NOT NULL DEFAULT 360000;
        ALTER TABLE clients ADD COLUMN rate_per_day INTEGER NOT NULL DEFAULT 8640000;
        ALTER TABLE clients ADD COLUMN subject_key BLOB;
        ALTER TABLE clients ADD COLUMN profile BLOB;
        ALTER TABLE clients ADD COLUMN webhook_secret_digest BLOB;
        ALTER TABLE clients ADD COLUMN token_epoch INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE clients ADD COLUMN last_activity_at INTEGER;
        UPDATE clients SET status = 'inactive' WHERE is_active = 0;
        UPDATE clients SET updated_at = created_at;

        CREATE TABLE token_families (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB REFERENCES clients (id),
            current_digest BLOB CHECK (length(current_digest) = 32),
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER,
            CHECK (current_digest IS NOT NULL OR revoked_at IS NOT NULL)
        ) STRICT;
        CREATE INDEX token_families_of_client ON token_families (client_id, key);
        CREATE INDEX token_families_by_end ON token_families (expires_at);

        CREATE TABLE kept_answers (
            key INTEGER PRIMARY KEY,
            client_id BLOB NOT NULL REFERENCES clients (id),
            operation TEXT NOT NULL,
            key_digest BLOB NOT NULL CHECK (length(key_digest) = 32),
            request_digest BLOB NOT NULL CHECK (length(request_digest) = 32),
            external_id_digest BLOB CHECK (length(external_id_digest) = 32),
            subject_key BLOB NOT NULL,
            answer BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (client_id, operation, key_digest)
        ) STRICT;
        CREATE INDEX kept_answers_by_age ON kept_answers (created_at);
        CREATE INDEX kept_answers_of_client ON kept_answers (client_id, key);
        CREATE INDEX kept_answers_of_user ON kept_answers (client_id, external_id_digest)
            WHERE external_id_digest IS NOT NULL;
        """
}
