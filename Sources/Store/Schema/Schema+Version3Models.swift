extension Schema {
    /// Templates of several models beside each other, and the aligned faces that they were made of.
    ///
    /// SQLite cannot take a constraint away, so the templates move into a new table. A crop is sealed under the person's key,
    /// bound to its own id; there is one only where the configuration keeps them.
    static let version3Models = """
        CREATE TABLE templates_of_models (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            person_key INTEGER NOT NULL REFERENCES people (key) ON DELETE CASCADE,
            model_id TEXT NOT NULL,
            model_version TEXT NOT NULL,
            sample_number INTEGER NOT NULL CHECK (sample_number > 0),
            quality REAL NOT NULL,
            vector BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (person_key, model_id, model_version, sample_number)
        ) STRICT;
        INSERT INTO templates_of_models (key, id, person_key, model_id, model_version, sample_number, quality, vector,
            created_at)
        SELECT key, id, person_key, model_id, model_version, sample_number, quality, vector, created_at
        FROM templates ORDER BY key;
        DROP TABLE templates;
        ALTER TABLE templates_of_models RENAME TO templates;

        CREATE TABLE crops (
            key INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
            person_key INTEGER NOT NULL REFERENCES people (key) ON DELETE CASCADE,
            sample_number INTEGER NOT NULL CHECK (sample_number > 0),
            quality REAL NOT NULL,
            face BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (person_key, sample_number)
        ) STRICT;
        """
}
