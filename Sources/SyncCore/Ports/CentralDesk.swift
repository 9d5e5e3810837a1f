/// The central instance as its members see it.
///
/// `Central` provides it over its database; `Sync` provides it over HTTP to a device, so both sides speak the same words.
/// Every method answers when what it changed is on disk.
public protocol CentralDesk: Sendable {
    /// Says again which epoch the device is in, or begins one.
    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer
    /// Takes records; a batch takes effect once however often it arrives.
    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer
    /// Tells what has changed; waits as long as the request allows when nothing has.
    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer
    /// Gives the consent under which somebody who was erased may be enrolled again.
    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer
    /// Gives a certificate for a key of the device's own.
    func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer
}

extension CentralDesk {
    /// Gives none.
    public func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        throw .certificateRefused("No certificates are given here.")
    }
}
