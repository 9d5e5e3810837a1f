import Synchronization

extension EdgeStore {
    /// How the store is kept at this moment.
    var options: StoreOptions { settings.withLock { $0 } }

    /// Takes over what may change while the store is open: lock-out, and how long things are kept.
    public func reconfigure(_ changed: StoreOptions) {
        settings.withLock { options in
            options.lockout = changed.lockout
            options.retention = changed.retention
            options.webhooks.retention = changed.webhooks.retention
            options.auditRetention = changed.auditRetention
        }
    }
}
