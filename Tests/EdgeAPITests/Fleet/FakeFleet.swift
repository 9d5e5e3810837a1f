import EdgeCore
import FoundationEssentials
import SyncCore
import Synchronization

/// A fleet in memory: takes one token, keeps what it was asked, and answers what the test wants.
final class FakeFleet: FleetAdministration {
    struct State {
        var devices: [FleetDevice] = []
        var scopes: [FleetScope] = []
        var erasures: [FleetErasure] = []
        var pushed: [PushRequest] = []
        var pulled: [PullRequest] = []
        var refusal: SyncRefusal?
        var entries = 0
        /// What was shown with each question.
        var shown: [[UInt8]?] = []
        /// Why nobody is let in.
        var admission: SyncRefusal?
        var configurations = FleetConfigurations(entries: [], reports: [:], floors: [:], former: [:])
        /// What speaks against every configuration.
        var problems: [String] = []
    }

    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let token = "one-use-token"
    let state = Mutex(State())
    let incarnation = Incarnation(rawValue: UUID())
    /// Lets polls that wait go on.
    let news = AsyncStream.makeStream(of: Void.self)

    func provision(_ request: ProvisionRequest) async throws(SyncRefusal) -> FleetGrant {
        guard request.token == Self.token else { throw .tokenInvalid }
        let client = state.withLock { state -> UUID? in
            if let known = state.devices.first(where: { $0.id == request.device }) { return known.client }
            state.devices.append(
                FleetDevice(
                    id: request.device, name: request.name, standing: .active, client: nil, model: request.model,
                    software: request.software, joinedAt: Self.now))
            return nil
        }
        return FleetGrant(
            device: request.device, name: request.name, client: client,
            pseudonymKey: "cHNldWRvbnltcy1vZi0zMi1ieXRlcy1mb3ItdGVzdHM=",
            centralKey: "Y2VudHJhbC1rZXktb2YtMzItYnl0ZXMtZm9yLXRlc3Q=", incarnation: incarnation)
    }

    func bind(_ device: DeviceID, client: UUID) async throws(EdgeError) { edit(device) { $0.client = client } }

    func device(of client: UUID) async throws(EdgeError) -> DeviceID? {
        state.withLock { state in state.devices.first { $0.client == client }?.id }
    }

    func admit(_ client: UUID, showing certificate: [UInt8]?) async throws(SyncRefusal) -> DeviceID {
        let (device, refusal) = state.withLock { state in
            state.shown.append(certificate)
            return (state.devices.first { $0.client == client }?.id, state.admission)
        }
        if let refusal { throw refusal }
        guard let device else { throw .deviceUnknown }
        return device
    }

    func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        try refuse()
        return CertificateAnswer(certificate: request.request, authority: "authority", expiresAt: 1_800_000_000_000_000)
    }

    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try refuse()
        return OpenAnswer(
            isKnown: false, incarnation: incarnation,
            lanes: [LaneEnd(lane: .control, acknowledged: 0, head: .start)], model: request.model)
    }

    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        try refuse()
        state.withLock { $0.pushed.append(request) }
        return PushAnswer(
            incarnation: incarnation, acknowledged: request.first, head: request.head,
            refused: [RefusedRecord(sequence: request.first, reason: "not_understood")], time: 1_800_000_000_000_000)
    }

    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try refuse()
        let entries = state.withLock { state in
            state.pulled.append(request)
            return state.entries
        }
        if request.waitMilliseconds > 0, entries == 0 {
            for await _ in news.stream { break }
        }
        let part = ScopePart(
            scope: ScopeID(rawValue: UUID()), isSnapshot: false,
            entries: (0..<entries).map { number in
                WireEntry(
                    FeedEntry(
                        subject: SubjectKey(rawValue: UUID()), change: UInt64(number + 1),
                        content: .erased(below: 1)))
            }, next: ScopeCursor(removals: UInt64(entries), changes: UInt64(entries)), isComplete: true,
            root: ChainHash.start.text)
        return PullAnswer(
            incarnation: incarnation, time: 1_800_000_000_000_000, scopes: [part], tenants: [], lease: "a note\n",
            hasMore: false)
    }

    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        ConsentAnswer(consent: 4)
    }

    func makeToken(_ order: TokenOrder) async throws(EdgeError) -> BootstrapToken {
        BootstrapToken(
            text: Self.token, expiresAt: Self.now.addingTimeInterval(Double(order.life.components.seconds)))
    }

    func devices() async throws(EdgeError) -> [FleetDevice] { state.withLock { $0.devices } }

    func device(_ id: DeviceID) async throws(EdgeError) -> FleetDevice? {
        state.withLock { state in state.devices.first { $0.id == id } }
    }

    func revoke(_ device: DeviceID) async throws(EdgeError) { edit(device) { $0.standing = .revoked } }
    func release(_ device: DeviceID) async throws(EdgeError) { edit(device) { $0.standing = .active } }
    func assign(_ scopes: [ScopeID], to device: DeviceID) async throws(EdgeError) {
        edit(device) { $0.scopes = scopes }
    }

    func scopes() async throws(EdgeError) -> [FleetScope] { state.withLock { $0.scopes } }

    func createScope(named name: String) async throws(EdgeError) -> FleetScope {
        let made = state.withLock { state -> FleetScope? in
            guard !state.scopes.contains(where: { $0.name == name }) else { return nil }
            let scope = FleetScope(id: ScopeID(rawValue: UUID()), name: name, people: 3, devices: 1)
            state.scopes.append(scope)
            return scope
        }
        guard let made else { throw EdgeError(.scopeExists) }
        return made
    }

    func rename(_ scope: ScopeID, to name: String) async throws(EdgeError) {
        let isThere = state.withLock { state in
            guard let index = state.scopes.firstIndex(where: { $0.id == scope }) else { return false }
            state.scopes[index].name = name
            return true
        }
        guard isThere else { throw EdgeError(.recordUnknown) }
    }

    func erase(tenant: UUID, user: String) async throws(EdgeError) -> FleetErasure {
        state.withLock { state in
            let devices = state.devices.map(\.id)
            let erasure = FleetErasure(
                subject: SubjectKey(rawValue: UUID()), orderedAt: Self.now,
                proven: Dictionary(uniqueKeysWithValues: devices.prefix(1).map { ($0, Self.now) }),
                outstanding: Dictionary(uniqueKeysWithValues: devices.dropFirst().map { ($0, Self.now) }))
            state.erasures.append(erasure)
            return erasure
        }
    }

    func erasures() async throws(EdgeError) -> [FleetErasure] { state.withLock { $0.erasures } }

    func figures() async throws(EdgeError) -> FleetFigures {
        FleetFigures(
            devices: [.active: 2, .quarantined: 1], people: 5, records: [.audit: 1000], refused: 1, lost: 0,
            openErasures: 0)
    }

    private func refuse() throws(SyncRefusal) {
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
    }

    private func edit(_ device: DeviceID, _ change: (inout FleetDevice) -> Void) {
        state.withLock { state in
            for index in state.devices.indices where state.devices[index].id == device {
                change(&state.devices[index])
            }
        }
    }
}
