import EdgeCore

/// Which camera is there for what, as it is configured.
struct CameraRoster: Sendable {
    /// The cameras that sessions take their frames from, in the order of the configuration.
    let sources: [any FrameSource]
    /// The cameras that are only looked at beside others.
    let infrared: [any FrameSource]
    private let names: [String: String]
    private let partners: [String: String]

    init(_ cameras: [any FrameSource]) {
        let statuses = cameras.map { ($0, $0.status) }
        let beside = Set(statuses.compactMap(\.1.infrared))
        func isInfrared(_ status: CameraStatus) -> Bool {
            status.role == CameraStatus.infraredRole || beside.contains(status.name)
        }
        sources = statuses.filter { !isInfrared($0.1) }.map(\.0)
        infrared = statuses.filter { isInfrared($0.1) }.map(\.0)
        let ofSources = statuses.map(\.1).filter { !isInfrared($0) }
        let roles = ofSources.compactMap { status in status.role.map { ($0, status.name) } }
        // A name goes before a role: the configuration refuses what would be both.
        names = Dictionary(ofSources.map { ($0.name, $0.name) } + roles, uniquingKeysWith: { first, _ in first })
        partners = Dictionary(
            ofSources.compactMap { status in status.infrared.map { (status.name, $0) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether no camera has an infrared camera beside it.
    var hasNoPairs: Bool { partners.isEmpty }

    /// The camera that a session means by a name or a role; the first one without either.
    func source(_ name: String?) -> (any FrameSource)? {
        guard let name else { return sources.first }
        return names[name].flatMap { wanted in sources.first { $0.name == wanted } }
    }

    /// The infrared camera beside a camera.
    func partner(of camera: String) -> (any FrameSource)? {
        partners[camera].flatMap { wanted in infrared.first { $0.name == wanted } }
    }

    func isInfrared(_ camera: String) -> Bool { infrared.contains { $0.name == camera } }
}
