/// The central instance as its members see it.
///
/// `Central` provides it over its database; `Sync` provides it over HTTP to a device, so both sides speak the same words.
/// Every method answers when what it changed is on disk.
public protocol CentralDesk: Sendable {
    /// Says again which epoch the device is in, or begins one.
    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer
    /// Takes records; a batch takes effect once however often it arrives.
    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer
    /// Does all of a push that can be done before it goes.
    func ready(_ request: PushRequest) async -> ReadyPush
    /// Takes records of a push that was made ready by this desk, as ``push(_:of:)`` does.
    func send(_ push: ReadyPush, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer
    /// Tells what has changed; waits as long as the request allows when nothing has.
    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer
    /// Gives the consent under which somebody who was erased may be enrolled again.
    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer
    /// Gives a certificate for a key of the device's own.
    func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer
}

/// A push that only has to go.
public enum ReadyPush: Sendable, Equatable {
    /// As it was made.
    case message(PushRequest)
    /// As it travels: a body, and whether that is gzip.
    case bytes([UInt8], isPacked: Bool)
}

extension CentralDesk {
    /// Nothing is to be done before.
    public func ready(_ request: PushRequest) async -> ReadyPush { .message(request) }

    /// Takes its records.
    public func send(_ push: ReadyPush, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        guard case .message(let request) = push else { throw .malformed("The push was made ready for another desk.") }
        return try await self.push(request, of: device)
    }

    /// Gives none.
    public func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        throw .certificateRefused("No certificates are given here.")
    }
}
