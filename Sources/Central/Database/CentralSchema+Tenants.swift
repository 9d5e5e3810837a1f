extension CentralSchema {
    /// The clients of the tenants: where each is kept, and to whom it is told.
    ///
    /// `payload` is the client, sealed under the tenant's key; of one that was removed only the row stays. `key_check` is
    /// SHA-256 of what its API key is checked against, so that no two tenants share a key.
    static let tenants = """
        CREATE TABLE tenants (
            id BLOB PRIMARY KEY,
            home BLOB NOT NULL REFERENCES devices (id),
            version INTEGER NOT NULL,
            is_removed INTEGER NOT NULL CHECK (is_removed IN (0, 1)),
            key_check BLOB UNIQUE,
            payload BLOB
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE tenant_scopes (
            tenant BLOB NOT NULL,
            scope BLOB NOT NULL REFERENCES scopes (id),
            PRIMARY KEY (tenant, scope)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tenants_of_scope ON tenant_scopes (scope);

        """
}
