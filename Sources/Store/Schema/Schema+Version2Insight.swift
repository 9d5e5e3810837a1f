extension Schema {
    /// What analytics, the usage of the API and security events are read from.
    ///
    /// `cause` is a `FailureCause`, for the tenant's own backend only. Sessions of the first version keep what
    /// their public reason told; a failed authentication told nothing on purpose.
    static let insightVersion2 = """
        ALTER TABLE sessions ADD COLUMN cause TEXT;
        ALTER TABLE sessions ADD COLUMN census TEXT;
        ALTER TABLE sessions ADD COLUMN first_face_at INTEGER;
        ALTER TABLE sessions ADD COLUMN ip_address TEXT;
        ALTER TABLE sessions ADD COLUMN user_agent TEXT;
        UPDATE sessions SET cause = 'duplicate_face' WHERE reason = 'enrollment.duplicate_person';
        UPDATE sessions SET cause = 'liveness_failed' WHERE reason = 'liveness.failed';
        UPDATE sessions SET cause = 'timeout' WHERE state = 'expired' AND frames_processed > 0;
        CREATE INDEX sessions_of_client_by_end ON sessions (client_id, completed_at);
        CREATE INDEX sessions_by_end ON sessions (completed_at);
        CREATE INDEX sessions_by_kind ON sessions (kind, state, cause, completed_at);
        CREATE INDEX sessions_of_client_by_kind ON sessions (client_id, kind, state, cause, completed_at);
        CREATE INDEX audit_of_client ON audit (client_id, sequence);

        CREATE TABLE usage (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            client_id BLOB NOT NULL CHECK (length(client_id) = 16),
            category TEXT NOT NULL,
            operation TEXT NOT NULL,
            method TEXT NOT NULL,
            route TEXT NOT NULL,
            status INTEGER NOT NULL,
            ip_address TEXT,
            user_agent TEXT,
            milliseconds REAL NOT NULL,
            at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX usage_of_client ON usage (client_id, at);
        CREATE INDEX usage_by_age ON usage (at);

        CREATE TABLE security_events (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            type TEXT NOT NULL,
            severity TEXT NOT NULL,
            is_reported INTEGER NOT NULL CHECK (is_reported IN (0, 1)),
            client_id BLOB CHECK (client_id IS NULL OR length(client_id) = 16),
            person_id BLOB,
            session_id BLOB,
            ip_address TEXT,
            user_agent TEXT,
            details TEXT NOT NULL,
            subject_key BLOB,
            sealed_details BLOB,
            resolved INTEGER NOT NULL DEFAULT 0 CHECK (resolved IN (0, 1)),
            resolved_at INTEGER,
            created_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX security_events_of_client ON security_events (client_id, created_at);
        CREATE INDEX reported_events ON security_events (client_id, key) WHERE is_reported = 1;
        CREATE INDEX noted_events ON security_events (client_id, key) WHERE is_reported = 0;
        CREATE INDEX security_events_of_person ON security_events (person_id) WHERE person_id IS NOT NULL;
        """
}
