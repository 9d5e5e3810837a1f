extension CentralSchema {
    /// Who signs the certificates of devices, and which were signed.
    ///
    /// An authority's `key` is sealed under the fleet's own key. Of the authorities the one that was made last signs; all whose
    /// time is not over are trusted.
    static let certificates = """
        CREATE TABLE authorities (
            id BLOB PRIMARY KEY,
            certificate BLOB NOT NULL,
            key BLOB NOT NULL,
            made_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE device_certificates (
            serial BLOB PRIMARY KEY,
            device BLOB NOT NULL REFERENCES devices (id),
            key_digest BLOB NOT NULL CHECK (length(key_digest) = 32),
            issued_at INTEGER NOT NULL,
            ends_at INTEGER NOT NULL,
            shown_at INTEGER,
            withdrawn_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX certificates_of_device ON device_certificates (device);

        """
}
