extension CentralSchema {
    /// What devices go by besides their own files, and what became of it there.
    ///
    /// A device that got other scopes has to hear what it goes by now, though nothing was set: its `floor` is the number of that.
    /// `kind` is fleet, scope or device; `target` its id, or one zero. `stage` is 1 for what some devices get first; they are a JSON
    /// list in `ahead`. `toml` is NULL for what was withdrawn: devices have to hear of that too.
    static let configuration = """
        CREATE TABLE configurations (
            kind TEXT NOT NULL,
            target BLOB NOT NULL,
            stage INTEGER NOT NULL CHECK (stage IN (0, 1)),
            ahead TEXT,
            toml TEXT,
            serial INTEGER NOT NULL,
            set_at INTEGER NOT NULL,
            PRIMARY KEY (kind, target, stage)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE configuration_reports (
            device BLOB PRIMARY KEY REFERENCES devices (id),
            serial INTEGER NOT NULL,
            state TEXT NOT NULL,
            problem TEXT,
            since INTEGER NOT NULL,
            floor INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        """

    /// What held for all devices of a target before the last change: `toml` is NULL where nothing did.
    static let formerConfiguration = """
        CREATE TABLE configuration_formers (
            kind TEXT NOT NULL,
            target BLOB NOT NULL,
            toml TEXT,
            serial INTEGER NOT NULL,
            PRIMARY KEY (kind, target)
        ) STRICT, WITHOUT ROWID;

        """
}
