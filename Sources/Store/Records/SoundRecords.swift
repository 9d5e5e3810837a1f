import EdgeCore

/// What `open` reads of one record; `nil` for a record that was changed.
///
/// For lists and for what is only shown beside something else: one damaged record must not hide all others. A check of the
/// store counts those that do not open.
func whatOpens<Value>(_ open: () throws -> Value) throws -> Value? {
    do { return try open() } catch let error as EdgeError
        where error.code == .sealBroken || error.code == .storeCorrupt
    { return nil }
}
