extension Schema {
    /// Events, the endpoints that are told of them, and each telling.
    ///
    /// What an event says, what a receiver answered, addresses and secrets stand here only sealed. An event's key is
    /// its own: without it the event's data and all answers to it are gone.
    static let webhooksVersion2 = """
        CREATE TABLE webhook_events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            source TEXT NOT NULL,
            subject_key BLOB,
            data BLOB,
            person_id BLOB,
            claimed_digest BLOB,
            endpoint_count INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            CHECK ((subject_key IS NULL) = (data IS NULL))
        ) STRICT;
        CREATE INDEX webhook_events_of_client ON webhook_events (client_id, sequence);
        CREATE INDEX webhook_events_by_age ON webhook_events (created_at);
        CREATE INDEX webhook_events_of_person ON webhook_events (person_id) WHERE person_id IS NOT NULL;
        CREATE INDEX webhook_events_of_claimed ON webhook_events (claimed_digest) WHERE claimed_digest IS NOT NULL;

        CREATE TABLE webhook_endpoints (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL REFERENCES clients (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            status TEXT NOT NULL,
            subscribed TEXT NOT NULL,
            subject_key BLOB NOT NULL,
            sealed BLOB NOT NULL,
            max_retries INTEGER NOT NULL CHECK (max_retries >= 0),
            retry_delay INTEGER NOT NULL CHECK (retry_delay >= 0),
            total INTEGER NOT NULL DEFAULT 0,
            successful INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            last_delivery_at INTEGER,
            UNIQUE (client_id, name)
        ) STRICT;

        CREATE TABLE webhook_deliveries (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            client_id BLOB NOT NULL,
            event_sequence INTEGER NOT NULL REFERENCES webhook_events (sequence) ON DELETE CASCADE,
            endpoint_key INTEGER NOT NULL REFERENCES webhook_endpoints (key) ON DELETE CASCADE,
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            max_attempts INTEGER NOT NULL CHECK (max_attempts > 0),
            due_at INTEGER,
            queued_at INTEGER NOT NULL,
            status_code INTEGER,
            response_time REAL,
            error_code TEXT,
            reply BLOB,
            log TEXT NOT NULL DEFAULT '[]',
            created_at INTEGER NOT NULL,
            delivered_at INTEGER,
            completed_at INTEGER,
            CHECK ((due_at IS NOT NULL) = (status IN ('pending', 'retrying')))
        ) STRICT;
        CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_key, due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX webhook_deliveries_open ON webhook_deliveries (client_id, due_at) WHERE due_at IS NOT NULL;
        CREATE INDEX webhook_deliveries_dead ON webhook_deliveries (client_id, key)
            WHERE status IN ('failed', 'abandoned');
        CREATE INDEX webhook_deliveries_of_client ON webhook_deliveries (client_id, key);
        CREATE INDEX webhook_deliveries_of_endpoint ON webhook_deliveries (endpoint_key, key);
        CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_sequence);
        """
}
