import Capture
import EdgeCore
import FoundationEssentials
import Logging
import Recognition
import Store
import Synchronization
import Vault

/// Every room, opened and introduced to its neighbours; only this file knows them all.
final class House: Sendable {
    let startedAt: Date
    let clock: any EdgeClock
    let health: HealthBoard
    let vault: KeyVault
    let store: EdgeStore
    let engine: RecognitionEngine
    let models: ModelUpkeep
    let memory: MemoryUpkeep
    let decoder: any ImageDecoder
    /// The same, where it is a process of its own.
    let isolated: IsolatedImageDecoder?
    let cameras: [Camera]
    let cameraJournal: CameraJournal
    let sign: OnAirSign
    let preview: PreviewRoom
    let sessions: SessionService
    let fleet: FleetRoom
    private let inForce: Mutex<DaemonConfiguration>
    private let listening = Mutex<[String]>([])

    /// Opens keys, store, models and cameras in this order; the first that fails names itself.
    init(
        _ configuration: DaemonConfiguration, as role: FleetRole = .device, log: Logger
    ) async throws(EdgeError) {
        let clock = SystemClock()
        let health = HealthBoard(clock: clock)
        let isolated =
            configuration.decoder.isolation == .socket
            ? IsolatedImageDecoder(socket: configuration.decoder.socket, health: health, log: log) : nil
        let decoder: any ImageDecoder = isolated ?? TurboImageDecoder()
        let keys = try await HouseKeys(configuration, clock: clock, health: health, log: log)
        let engine = try RecognitionEngine(
            modelsDirectory: configuration.modelsDirectory, decoder: decoder,
            threads: configuration.recognition.threads,
            model: try await ModelUpkeep.chosenModel(keys.store, configuration, health: health), log: log)
        let journal = CameraJournal(log: log)
        let sign = OnAirSign(hasCommand: configuration.onAir != nil)
        let cameras = configuration.cameras.map { camera in
            Camera(configuration: camera.forCapture, health: health, log: log, isolated: isolated, sign: sign) {
                journal.note($0)
            }
        }
        inForce = Mutex(configuration)
        self.clock = clock
        self.health = health
        self.decoder = decoder
        self.isolated = isolated
        self.engine = engine
        self.cameras = cameras
        cameraJournal = journal
        self.sign = sign
        // JPEGs are passed on as they are, unless a box is drawn on them; what is left are raw rows and the operator's own footage.
        preview = PreviewRoom(
            cameras: cameras, rules: configuration.preview,
            decoder: configuration.preview.drawsFace ? decoder : TurboImageDecoder())
        startedAt = clock.wall
        vault = keys.vault
        store = keys.store
        sessions = SessionService(
            engine: engine, decoder: decoder,
            thresholds: try ThresholdTable(
                points: engine.thresholdTable.map { ThresholdTable.Point(fmr: $0.fmr, cosine: $0.cosine) }),
            sessions: keys.store, templates: keys.store, secrets: keys.vault, cameras: cameras, health: health,
            clock: clock, configuration: configuration.forSessions, log: log)
        models = ModelUpkeep(store: keys.store, engine: engine, sessions: sessions, health: health, log: log)
        try await sessions.start()
        try await keys.store.use(engine.templateModel)
        keys.store.whenErased { [weak sessions = self.sessions] in await sessions?.personRemoved($0) }
        memory = MemoryUpkeep(log: log)
        keys.store.whenForgotten { [memory] in memory.noteForgotten() }
        keys.store.whenReopened { [weak sessions = self.sessions] in await sessions?.storeReopened() }
        fleet = try await FleetRoom(
            keys, engine, sessions, role: role, configuration, clock: clock, health: health, log: log)
        try await keys.store.reportAuditTail()
        // A key file that was left lying beside another source is no less of a key.
        let isFile = vault.binding == .none || FileManager.default.fileExists(atPath: configuration.keyFile)
        Self.reportStandingConditions(configuration, isFile: isFile, health: health)
    }

    /// What is in force; a reload may change it.
    var configuration: DaemonConfiguration { inForce.withLock { $0 } }

    /// Has every room do as `changed` says, which differs in what may change while the daemon runs.
    func adopt(_ changed: DaemonConfiguration) async {
        inForce.withLock { $0 = changed }
        store.reconfigure(changed.forStore)
        await sessions.reconfigure(changed.forSessions)
        LogSetup.setLevel(changed.logLevel)
        Self.reportLiveness(changed, health)
    }

    /// Where the API is served, the loopback address first; empty until it is.
    var addresses: [String] { listening.withLock { $0 } }

    /// Notes one more address where the API is served.
    func isServed(at address: String) { listening.withLock { $0.append(address) } }

    /// Names this device in the tokens that it issues; follows from its key, so it stays and tells nothing.
    func deviceID() throws(EdgeError) -> String {
        let digits = try vault.digest("device", purpose: "device.id").prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "edged-" + digits.joined()
    }

    /// Writes down which cameras were refused, until it is cancelled.
    func keepCameraJournal() async throws {
        try await cameraJournal.run(audit: store, security: store, clock: clock)
    }

    /// Lets go of the store's file, so that the next process may open it.
    func close() async {
        await fleet.close()
        await store.close()
    }

    private static func reportLiveness(_ configuration: DaemonConfiguration, _ health: HealthBoard) {
        guard configuration.liveness.policy == .off else { return health.clear("liveness.off") }
        health.raise(
            "liveness.off", title: "LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY.",
            severity: .warning, remedy: "Set liveness.policy to passive, active or strict.")
    }

    private static func reportStandingConditions(
        _ configuration: DaemonConfiguration, isFile: Bool, health: HealthBoard
    ) {
        reportLiveness(configuration, health)
        if configuration.http.lan?.protection == .plainText {
            health.raise(
                "http.plain",
                title: "PLAIN HTTP ON THE NETWORK: FACES AND PASSWORDS CAN BE READ BY ANYBODY ON IT.",
                severity: .warning,
                remedy: "Remove plain_http_sends_faces_and_passwords_unprotected from [http.lan].")
        }
        guard isFile else { return }
        health.raise(
            "vault.key.file", title: "The sealing key is a file beside the store: who has the disk has the key.",
            severity: .info,
            remedy:
                "Seal it to a TPM or pass it as a credential of the unit (see the runbook), or lock the device away.")
    }
}

/// The key and the store: all that the commands about clients and people need.
struct HouseKeys: Sendable {
    let vault: KeyVault
    let store: EdgeStore

    init(
        _ configuration: DaemonConfiguration, clock: any EdgeClock, health: HealthBoard, log: Logger
    ) async throws(EdgeError) {
        vault = try Self.vault(configuration)
        var options = configuration.forStore
        options.rotation = vault
        options.isExpected = vault.hadStore
        store = try await EdgeStore.open(
            directory: configuration.storeDirectory, sealer: vault, secrets: vault, signer: vault, clock: clock,
            log: log, health: health, options: options)
    }

    /// The keys alone, from where the configuration says.
    static func vault(_ configuration: DaemonConfiguration) throws(EdgeError) -> KeyVault {
        try makeDirectories(configuration)
        switch configuration.keys.origin {
        case .credential(let path):
            return try KeyVault.open(
                credential: path, besides: configuration.keyFile,
                isFirstStart: !EdgeStore.isThere(in: configuration.storeDirectory))
        case .provider(let key): return try KeyVault.open(sealedTo: key, besides: configuration.keyFile)
        case .file:
            // A fresh key would open nothing that was written, and look as if it were the right one.
            guard
                hasKeyFiles(configuration) || !EdgeStore.isThere(in: configuration.storeDirectory)
            else {
                throw EdgeError(
                    .keyUnavailable, "The key file \(configuration.keyFile) is missing; the store was written under it."
                )
            }
            return try KeyVault.open(keyFile: configuration.keyFile)
        }
    }

    /// The key file, or what a sealed one or a ring has left beside it, which the vault itself tells about.
    private static func hasKeyFiles(_ configuration: DaemonConfiguration) -> Bool {
        let directory = URL(filePath: configuration.keyFile).deletingLastPathComponent().path
        return !((try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []).isEmpty
    }

    /// The directories of store and keys, made where they are not there.
    static func makeDirectories(_ configuration: DaemonConfiguration) throws(EdgeError) {
        try makeDirectory(configuration.storeDirectory)
        try makeDirectory(URL(filePath: configuration.keyFile).deletingLastPathComponent().path)
    }

    /// A directory of the daemon's own, made where it is not there.
    ///
    /// Throws `store.unavailable` for one in which others could put files in the place of the daemon's.
    static func makeDirectory(_ path: String) throws(EdgeError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw EdgeError(.storeUnavailable, "The directory \(path) cannot be made.")
        }
        try OwnDirectory.check(path)
    }
}
