public import EdgeCore
public import SyncCore

/// What other rooms do for the store's part in a fleet.
public struct FleetPorts: Sendable {
    /// The model that the device matches with: who has no template of it is counted.
    let active: ModelVersion
    /// The models of this device with the length of their templates: others are not kept.
    let models: [ModelVersion: Int]
    /// Lets the gallery follow what was applied, in order.
    let follow: @Sendable ([GalleryEffect]) async -> Void
    /// Asks central for the consent under which somebody who was erased may be enrolled again.
    let consent: @Sendable (SubjectKey) async throws(EdgeError) -> UInt64
    /// Is told when a client that is kept elsewhere may use the device no more, or again.
    let clientChanged: @Sendable (ClientID, _ isActive: Bool) async -> Void

    /// Puts the ports together; `consent` throws when central cannot be asked.
    public init(
        active: ModelVersion, models: [ModelVersion: Int],
        follow: @escaping @Sendable ([GalleryEffect]) async -> Void,
        consent: @escaping @Sendable (SubjectKey) async throws(EdgeError) -> UInt64,
        clientChanged: @escaping @Sendable (ClientID, _ isActive: Bool) async -> Void = { _, _ in }
    ) {
        self.active = active
        self.models = models
        self.follow = follow
        self.consent = consent
        self.clientChanged = clientChanged
    }
}
