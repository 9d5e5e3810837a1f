import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Store
import Synchronization
import Vault

/// A real store with real keys in a directory of its own, and a clock that stands still.
final class StoreFixture: Sendable {
    let directory: TemporaryDirectory
    let clock = ManualClock()
    let health = HealthBoard()
    let vault: KeyVault
    let model = ModelVersion(id: "sface", version: "2021dec")

    init() throws {
        directory = try TemporaryDirectory()
        vault = try KeyVault.open(keyFile: directory.path("key"))
    }

    /// The store's own directory, apart from the key.
    var path: String { directory.path("store") }

    func open(lockout: LockoutPolicy) async throws -> EdgeStore {
        var options = StoreOptions()
        options.lockout = lockout
        return try await open(options: options)
    }

    /// Opens the store; with other keys where a test brings some.
    func open(
        sealer: (any Sealer)? = nil, secrets: (any SecretKeeper)? = nil, options: StoreOptions = StoreOptions()
    ) async throws -> EdgeStore {
        try await EdgeStore.open(
            directory: path, sealer: sealer ?? vault, secrets: secrets ?? vault, signer: vault, clock: clock,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), health: health, options: options)
    }

    /// Opens the store as it is, or not at all.
    func openUnmended() async throws -> EdgeStore {
        var options = StoreOptions()
        options.recovers = false
        return try await open(options: options)
    }

    /// A session that has not begun.
    func session(
        _ kind: SessionKind, of client: ClientID, user: String? = "E-1", metadata: String = "{}"
    ) -> SessionSnapshot {
        let request = SessionRequest(
            client: client, kind: kind, externalUserID: user, sessionType: "webcam", metadataJSON: metadata)
        return SessionSnapshot(
            id: SessionID(), token: SessionToken(rawValue: "sess_\(UUID().uuidString)"), request: request,
            targetFrames: 3, createdAt: clock.wall, expiresAt: clock.wall.addingTimeInterval(600))
    }

    /// A template that nobody else has.
    func template(seed: Int) -> FaceTemplate {
        FaceTemplate(model: model, values: (0..<128).map { Float(sin(Double(seed * 131 + $0))) })
    }

    /// How a session of this kind comes to a good end.
    func outcome(
        _ session: SessionSnapshot, name: String? = nil, samples: Int = 3, seed: Int = 1
    ) -> SessionOutcome {
        var session = session
        session.state = .completed
        session.reason = session.kind == .enrollment ? .enrollmentCompleted : .authenticated
        session.completedAt = clock.wall
        session.acceptedFrames = samples
        session.framesProcessed = samples + 1
        guard session.kind == .enrollment else { return SessionOutcome(session: session, lockout: .clear) }
        let made = (0..<samples).map { EnrolledSample(template: template(seed: seed * 100 + $0), quality: 0.9) }
        return SessionOutcome(session: session, samples: made, displayName: name)
    }

    /// A session that ended with a miss.
    func miss(_ session: SessionSnapshot) -> SessionOutcome {
        var session = session
        session.state = .failed
        session.reason = .notRecognized
        session.completedAt = clock.wall
        return SessionOutcome(session: session, lockout: .miss)
    }

    /// Enrolls a person from the session's beginning to its end.
    @discardableResult
    func enroll(
        _ user: String, name: String? = nil, of client: ClientID, in store: EdgeStore, samples: Int = 3, seed: Int = 1
    ) async throws -> GalleryRecord? {
        let session = session(.enrollment, of: client, user: user)
        try await store.begin(session)
        return try await store.finish(outcome(session, name: name, samples: samples, seed: seed))
    }

    /// Everything that stands in the store's directory, by file name.
    func files() throws -> [String: Data] {
        try FileManager.default.contentsOfDirectory(atPath: path).reduce(into: [:]) { files, name in
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
    }

    /// Whether any file of the store holds these bytes.
    func onDisk(_ bytes: some DataProtocol) throws -> Bool {
        try files().values.contains { $0.range(of: Data(bytes)) != nil }
    }
}

/// Real keys that fail at the n-th use, as a full memory or a lost token would.
final class FailingVault: Sealer, SecretKeeper {
    private let vault: KeyVault
    private let left = Mutex<Int?>(nil)

    init(_ vault: KeyVault) { self.vault = vault }

    /// Lets `uses` uses pass and fails at all that follow; `nil` never fails.
    func fail(after uses: Int?) { left.withLock { $0 = uses } }

    private func use() throws(EdgeError) {
        let isSpent = left.withLock { left in
            guard let uses = left else { return false }
            left = uses - 1
            return uses <= 0
        }
        if isSpent { throw EdgeError(.keyUnavailable, "injected") }
    }

    func makeSubjectKey() throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.makeSubjectKey()
    }

    func seal(_ plain: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.seal(plain, subjectKey: subjectKey, context: context)
    }

    func open(_ sealed: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.open(sealed, subjectKey: subjectKey, context: context)
    }

    func randomText(bytes: Int) throws(EdgeError) -> String {
        try use()
        return try vault.randomText(bytes: bytes)
    }

    func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.digest(secret, purpose: purpose)
    }

    func digest(_ message: [UInt8], purpose: String) throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.digest(message, purpose: purpose)
    }

    /// The sums over the tables do not fail: they are no step of anybody's.
    func keyedDigest(purpose: String) throws(EdgeError) -> any KeyedDigest { try vault.keyedDigest(purpose: purpose) }

    var wrappingKeyID: UInt32 { vault.wrappingKeyID }

    func holdsKey(_ id: UInt32) -> Bool { vault.holdsKey(id) }

    func wrappingKeyID(of subjectKey: [UInt8]) -> UInt32? { vault.wrappingKeyID(of: subjectKey) }

    func rewrap(_ subjectKey: [UInt8]) throws(EdgeError) -> [UInt8] {
        try use()
        return try vault.rewrap(subjectKey)
    }

    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { vault.equal(left, right) }

    func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]> {
        try use()
        return try vault.derivedKey(purpose)
    }
}
