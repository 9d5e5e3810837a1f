extension Schema {
    /// The whole API: rights of clients, users before their enrollment, enrollments, tokens, events and webhooks, usage
    /// and security events.
    static let version2 = [peopleVersion2, clientsVersion2, insightVersion2, webhooksVersion2].joined(separator: "\n")

    /// People before their enrollment, what their client knows about them, their pictures and their enrollments.
    ///
    /// `enrolled_at` said when a person was made known; from now on it says when the templates' enrollment was
    /// completed, and `enrollment_id` names it. Enrollments of the first version stand in its sessions; those of
    /// removed people are left where they are. What may name a person is sealed: `profile` and pictures under the
    /// person's key, `metadata` under that of the enrollment's session.
    static let peopleVersion2 = """
        ALTER TABLE people RENAME COLUMN enrolled_at TO created_at;
        ALTER TABLE people ADD COLUMN enrolled_at INTEGER;
        ALTER TABLE people ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE people ADD COLUMN is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1));
        ALTER TABLE people ADD COLUMN profile BLOB;
        ALTER TABLE people ADD COLUMN external_uuid_digest BLOB
            CHECK (external_uuid_digest IS NULL OR length(external_uuid_digest) = 32);
        ALTER TABLE people ADD COLUMN enrollment_id BLOB CHECK (enrollment_id IS NULL OR length(enrollment_id) = 16);
        ALTER TABLE people ADD COLUMN old_photo_similarity REAL;
        ALTER TABLE people ADD COLUMN old_photo_generation INTEGER;
        CREATE INDEX people_of_client ON people (client_id);
        CREATE INDEX people_by_external_uuid ON people (client_id, external_uuid_digest)
            WHERE external_uuid_digest IS NOT NULL;
        CREATE INDEX sessions_of_client ON sessions (client_id);

        CREATE TABLE person_images (
            person_key INTEGER NOT NULL REFERENCES people (key) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK (kind IN ('profile', 'old_photo')),
            media_type TEXT NOT NULL,
            picture BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (person_key, kind)
        ) STRICT;

        CREATE TABLE enrollments (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
            session_id BLOB NOT NULL,
            person_id BLOB,
            claimed_digest BLOB NOT NULL CHECK (length(claimed_digest) = 32),
            status TEXT NOT NULL,
            quality_score REAL,
            liveness_score REAL,
            sample_number INTEGER NOT NULL CHECK (sample_number > 0),
            total_samples INTEGER NOT NULL,
            metadata BLOB,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            session_expires_at INTEGER NOT NULL,
            valid_until INTEGER,
            completed_at INTEGER
        ) STRICT;
        CREATE INDEX enrollments_of_client ON enrollments (client_id);
        CREATE INDEX enrollments_of_claimed ON enrollments (client_id, claimed_digest);
        CREATE INDEX enrollments_of_person ON enrollments (person_id) WHERE person_id IS NOT NULL;

        UPDATE people SET enrolled_at = created_at, updated_at = created_at;
        INSERT INTO enrollments (id, client_id, session_id, person_id, claimed_digest, status, quality_score,
            liveness_score, sample_number, total_samples, created_at, updated_at, session_expires_at, completed_at)
        SELECT s.enrollment_id, s.client_id, s.id, p.id, p.external_id_digest, 'completed', s.quality_score,
            s.liveness_score, row_number() OVER (PARTITION BY p.key ORDER BY s.key), s.accepted_frames, s.created_at,
            s.completed_at, s.expires_at, s.completed_at
        FROM sessions s JOIN people p ON p.id = s.person_id AND p.client_id = s.client_id
        WHERE s.kind = 'enrollment' AND s.state = 'completed' AND s.enrollment_id IS NOT NULL
            AND s.completed_at IS NOT NULL
        ORDER BY s.key;
        UPDATE people SET enrollment_id =
            (SELECT id FROM enrollments WHERE person_id = people.id ORDER BY completed_at DESC, key DESC LIMIT 1);
        UPDATE people SET enrolled_at = (SELECT completed_at FROM enrollments WHERE id = people.enrollment_id)
            WHERE enrollment_id IS NOT NULL;
        UPDATE enrollments SET status = 'active' WHERE id IN (SELECT enrollment_id FROM people);
        """
}
