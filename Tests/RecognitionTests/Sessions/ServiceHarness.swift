import EdgeCore
import EdgeTesting
import FoundationEssentials
import Logging
import Synchronization
import Testing

@testable import Recognition

/// Evidence by the picture's bytes: a picture is the number of its evidence, and of its variation.
final class ScriptedAnalyzer: FrameAnalyzing {
    private struct State {
        var plans: [AnalysisPlan] = []
        var infraredLooks: [UInt64] = []
        var fault: EdgeError?
        var isHolding = false
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let templateModel = Synthetic.model
    let templateLength = 128
    let hasPassiveLiveness: Bool
    private let state = Mutex(State())

    init(hasPassiveLiveness: Bool = true) { self.hasPassiveLiveness = hasPassiveLiveness }

    var plans: [AnalysisPlan] { state.withLock { $0.plans } }
    func fail(with error: EdgeError?) { state.withLock { $0.fault = error } }
    func hold() { state.withLock { $0.isHolding = true } }
    func release() {
        let held = state.withLock { state in
            state.isHolding = false
            defer { state.held = [] }
            return state.held
        }
        for frame in held { frame.resume() }
    }
    /// The infrared frames that were looked at, by their numbers.
    var infraredLooks: [UInt64] { state.withLock { $0.infraredLooks } }
    var heldCount: Int { state.withLock { $0.held.count } }

    func analyze(_ frame: Frame, plan: AnalysisPlan) async throws(EdgeError) -> FrameEvidence {
        state.withLock { $0.plans.append(plan) }
        await withCheckedContinuation { continuation in
            let isHeld = state.withLock { state in
                if state.isHolding { state.held.append(continuation) }
                return state.isHolding
            }
            if !isHeld { continuation.resume() }
        }
        if let fault = state.withLock({ $0.fault }) { throw fault }
        return Picture(bytes: frame.image.bytes).evidence
    }

    func look(atInfrared frame: Frame) async throws(EdgeError) -> InfraredSight {
        state.withLock { $0.infraredLooks.append(frame.sequence) }
        if let fault = state.withLock({ $0.fault }) { throw fault }
        // Person 0 is a dark picture.
        let picture = Picture(bytes: frame.image.bytes)
        guard picture.person > 0 else { return .of(nil, light: 0, number: picture.moment) }
        return .of(Synthetic.face(), number: picture.moment)
    }
}

/// A picture as tests send it: who is on it, which moment, and how alive.
struct Picture {
    var person: Int
    var moment: Int
    var logit: Int

    init(_ person: Int, _ moment: Int, logit: Int = 3) {
        self.person = person
        self.moment = moment
        self.logit = logit
    }

    init(bytes: [UInt8]) {
        person = Int(bytes[0])
        moment = Int(bytes[1]) * 256 + Int(bytes[2])
        logit = Int(bytes[3]) - 128
    }

    var bytes: [UInt8] { [UInt8(person), UInt8(moment / 256), UInt8(moment % 256), UInt8(logit + 128)] }
    /// Person 0 is nobody.
    var evidence: FrameEvidence {
        var seen: FrameEvidence = person == 0 ? .nobody : .of(person, variation: moment, logit: Float(logit))
        // Nobody has no face to be bright.
        seen.faceLuma = person == 0 ? nil : Float(100 + person)
        seen.pictureDigest = UInt64(person << 32 | moment << 8 | (logit + 128))
        return seen
    }
    var image: EncodedImage { EncodedImage(encoding: .jpeg, width: 640, height: 480, bytes: bytes) }
}

/// Takes four bytes for a picture and refuses everything else.
struct FourByteDecoder: ImageDecoder {
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage {
        guard !bytes.isEmpty else { throw EdgeError(.imageEmpty) }
        guard bytes.count == 4 else { throw EdgeError(.imageCorrupt) }
        return EncodedImage(encoding: .jpeg, width: 640, height: 480, bytes: bytes)
    }

    func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        throw EdgeError(.imageCorrupt)
    }
}

/// A session service with everything around it in memory.
struct ServiceHarness {
    let client = ClientID()
    let clock = ManualClock()
    let analyzer: ScriptedAnalyzer
    let templates: MemoryTemplates
    let repository: MemorySessionRepository
    let health: HealthBoard
    let camera: ScriptedCamera
    let infrared: ScriptedCamera
    let service: SessionService

    init(
        policy: LivenessPolicy = .off, hasPassive: Bool = true, people: [Int] = [], isPaired: Bool = false,
        change: (inout SessionConfiguration) -> Void = { _ in }
    ) async throws {
        camera = ScriptedCamera(name: "door", role: "door-in", infrared: isPaired ? "door-ir" : nil)
        infrared = ScriptedCamera(name: "door-ir", role: "ir")
        var configuration = SessionConfiguration()
        configuration.livenessPolicy = policy
        change(&configuration)
        analyzer = ScriptedAnalyzer(hasPassiveLiveness: hasPassive)
        let client = client
        templates = MemoryTemplates(people.map { Synthetic.record($0, client: client) })
        repository = MemorySessionRepository(templates: templates, clock: clock)
        health = HealthBoard(clock: clock)
        service = SessionService(
            analyzer: analyzer, decoder: FourByteDecoder(), thresholds: Synthetic.thresholds, sessions: repository,
            templates: templates, secrets: PlainSecrets(), cameras: isPaired ? [infrared, camera] : [camera],
            health: health, clock: clock,
            configuration: configuration, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            random: SeededGenerator(seed: 1))
        try await service.start()
    }

    func open(
        _ kind: SessionKind, user: String? = nil, source: FrameOrigin = .upload, samples: Int? = nil
    ) async throws(EdgeError) -> SessionSnapshot {
        try await service.open(
            SessionRequest(
                client: client, kind: kind, externalUserID: user, displayName: "A Name", frameSource: source,
                targetSamples: samples))
    }

    func submit(_ picture: Picture, to session: SessionSnapshot) async throws(EdgeError) -> FrameAnswer {
        try await service.submit(picture.bytes, to: .id(session.id), of: client)
    }

    /// Pictures of one person at different moments; answers the last.
    func submit(
        _ person: Int, times: Int, from first: Int = 0, logit: Int = 3, to session: SessionSnapshot
    ) async throws -> FrameAnswer? {
        var last: FrameAnswer?
        for moment in first..<first + times {
            last = try await submit(Picture(person, moment, logit: logit), to: session)
        }
        return last
    }
}

/// The code that `body` throws; `nil` when it throws none.
func code(of body: () async throws -> Void) async -> ErrorCode? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? EdgeError)?.code
    }
}

/// Lets other tasks run until `condition` holds; the test's own time limit ends it otherwise.
func eventually(_ condition: () async -> Bool) async {
    while await !condition() { await Task.yield() }
}
