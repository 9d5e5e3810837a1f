public import FoundationEssentials

/// Who makes deliveries of what devices tell of events.
///
/// The central instance's store provides it, with the queue, the sender and the history that every device has.
public protocol EventReceiver: Sendable {
    /// Takes records; on disk when it returns. What was taken before changes nothing.
    func receive(_ records: [ForwardedRecord]) async throws
}

/// A record that is handed on.
public struct ForwardedRecord: Sendable, Equatable {
    /// Who told it.
    public var device: DeviceID
    /// What it is; the name of an event, or ``RecordKind/endpoint``.
    public var kind: String
    /// Whose tenant it belongs to.
    public var tenant: UUID?
    /// Whom it names.
    ///
    /// Without payload: who was erased, with everything that was told of them.
    public var subject: SubjectKey?
    /// What it carries.
    public var payload: String?

    /// Puts a record together.
    public init(device: DeviceID, kind: String, tenant: UUID?, subject: SubjectKey?, payload: String?) {
        self.device = device
        self.kind = kind
        self.tenant = tenant
        self.subject = subject
        self.payload = payload
    }
}
