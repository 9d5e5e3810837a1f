extension Schema {
    /// A keyed sum over each table's rows, kept in step inside of every transaction, and the code over all of them.
    ///
    /// Columns that earlier versions added with a default stand in old rows only in the schema; SQLite would tell those rows
    /// with nothing in their place. So the rows are written out once.
    static let version3Integrity = """
        CREATE TABLE table_sums (
            name TEXT PRIMARY KEY,
            sum BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        UPDATE people SET generation = generation;
        UPDATE clients SET name = name;
        """
}
