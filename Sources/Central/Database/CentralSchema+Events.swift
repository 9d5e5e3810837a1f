extension CentralSchema {
    /// What waits to be handed on: a record by its place, or somebody who was erased.
    ///
    /// `put_at` never goes back, whatever the clock does. Who takes an entry says until when; one that was not removed by then
    /// is taken again.
    static let events = """
        CREATE TABLE event_queue (
            id BLOB PRIMARY KEY,
            put_at INTEGER NOT NULL,
            lane_key INTEGER REFERENCES lanes (key),
            sequence INTEGER,
            subject BLOB,
            taken_until INTEGER NOT NULL,
            CHECK ((lane_key IS NULL) = (sequence IS NULL)),
            CHECK ((lane_key IS NULL) = (subject IS NOT NULL))
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_queue_in_order ON event_queue (put_at, lane_key, sequence);

        """
}
