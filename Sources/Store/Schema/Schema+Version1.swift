extension Schema {
    /// Clients, people with sealed templates, sessions, lock-outs and the audit chain.
    ///
    /// No column holds a personal id, a name, a template or a secret in plain text: they are sealed, or keyed digests.
    static let version1 = """
        CREATE TABLE meta (
            name TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE clients (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            public_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL UNIQUE,
            key_digest BLOB NOT NULL UNIQUE CHECK (length(key_digest) = 32),
            secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
            is_active INTEGER NOT NULL CHECK (is_active IN (0, 1)),
            created_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE people (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL REFERENCES clients (id),
            external_id_digest BLOB NOT NULL CHECK (length(external_id_digest) = 32),
            subject_key BLOB NOT NULL,
            personal BLOB NOT NULL,
            generation INTEGER NOT NULL CHECK (generation > 0),
            enrolled_at INTEGER NOT NULL,
            last_seen_at INTEGER,
            UNIQUE (client_id, external_id_digest)
        ) STRICT;

        CREATE TABLE templates (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            person_key INTEGER NOT NULL REFERENCES people (key) ON DELETE CASCADE,
            model_id TEXT NOT NULL,
            model_version TEXT NOT NULL,
            sample_number INTEGER NOT NULL CHECK (sample_number > 0),
            quality REAL NOT NULL,
            vector BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (person_key, sample_number)
        ) STRICT;

        CREATE TABLE sessions (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL REFERENCES clients (id),
            token_digest BLOB NOT NULL UNIQUE CHECK (length(token_digest) = 32),
            kind TEXT NOT NULL,
            state TEXT NOT NULL,
            claimed_digest BLOB,
            subject_key BLOB,
            personal BLOB,
            enrollment_id BLOB,
            session_type TEXT NOT NULL,
            frame_source TEXT NOT NULL,
            camera TEXT,
            frames_processed INTEGER NOT NULL,
            accepted_frames INTEGER NOT NULL,
            target_frames INTEGER NOT NULL,
            liveness_verified INTEGER NOT NULL CHECK (liveness_verified IN (0, 1)),
            liveness_score REAL,
            challenge TEXT,
            reason TEXT,
            person_id BLOB,
            similarity_score REAL,
            quality_score REAL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            completed_at INTEGER
        ) STRICT;
        CREATE INDEX open_sessions ON sessions (state) WHERE state IN ('pending', 'active', 'processing');
        CREATE INDEX sessions_of_claimed ON sessions (claimed_digest) WHERE claimed_digest IS NOT NULL;
        CREATE INDEX sessions_of_person ON sessions (person_id) WHERE person_id IS NOT NULL;

        CREATE TABLE lockouts (
            client_id BLOB NOT NULL REFERENCES clients (id),
            external_id_digest BLOB NOT NULL CHECK (length(external_id_digest) = 32),
            misses INTEGER NOT NULL CHECK (misses > 0),
            locked_until INTEGER,
            last_miss_at INTEGER NOT NULL,
            PRIMARY KEY (client_id, external_id_digest)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lockouts_by_age ON lockouts (last_miss_at);

        CREATE TABLE audit (
            sequence INTEGER PRIMARY KEY,
            action TEXT NOT NULL,
            client_id BLOB,
            session_id BLOB,
            person_id BLOB,
            succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1)),
            reason TEXT,
            details TEXT NOT NULL,
            at INTEGER NOT NULL,
            boot_id TEXT NOT NULL,
            monotonic INTEGER NOT NULL,
            previous_hash BLOB NOT NULL CHECK (length(previous_hash) = 32),
            hash BLOB NOT NULL CHECK (length(hash) = 32)
        ) STRICT;
        """
}
