import EdgeTesting
import Foundation
import Testing

@Suite("From one model to another, by the command line")
struct ModelSwitchTests {
    private let models: TwoModels

    init() throws { models = try TwoModels() }

    private func daemon(keepsCrops: Bool) throws -> DaemonUnderTest {
        try DaemonUnderTest(sessions: "[templates]\nkeep_crops = \(keepsCrops)", models: models.path)
    }

    @Test(
        "with kept crops nobody comes again: the new model recognises them after the next start, and the old one's templates go"
    )
    func withCrops() async throws {
        let daemon = try daemon(keepsCrops: true)
        try await daemon.start()
        let kiosk = try await daemon.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        let enrolled = try await kiosk.feed(every(7, of: frames), to: try await kiosk.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")

        #expect(try await row("sface", daemon)?["is_active"]?.flag == true)
        #expect(try await row(TwoModels.second, daemon)?["convertible"]?.number == 1)
        let dry = try await daemon.edged("models", "switch", TwoModels.second, "--dry-run", "--json").json()
        #expect(dry["convertible"]?.number == 1 && dry["missing"]?.number == 0 && dry["converted"]?.number == 0)
        #expect(try await row(TwoModels.second, daemon)?["people"]?.number == 0)

        let done = try await daemon.edged("models", "switch", TwoModels.second, "--drop-old", "--json")
        #expect(done.status == 0, "\(done.errors)")
        #expect(try done.json()["converted"]?.number == 1)
        let chosen = try #require(try await row(TwoModels.second, daemon))
        #expect(chosen["is_active"]?.flag == true && chosen["is_in_use"]?.flag == false)
        #expect(try await conditions(daemon).contains("recognition.model.pending"))
        #expect(try await recognises("alice", frames, kiosk), "the old model is in use until the next start")

        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        let door = try await daemon.makeClient("door")
        #expect(try await !recognises("alice", frames, door), "another tenant's")
        #expect(try await recognises("alice", frames, APIClient(address: daemon.address, access: kiosk.access)))
        // The old templates go soon after the start; each question takes a while of its own.
        for _ in 0..<600 { if try await row("sface", daemon)?["people"]?.number == 0 { break } }
        #expect(try await row("sface", daemon)?["people"]?.number == 0)
        #expect(try await row(TwoModels.second, daemon)?["is_in_use"]?.flag == true)
        #expect(try await !conditions(daemon).contains { $0.hasPrefix("recognition.") })
        let actions = try await daemon.edged("audit", "--json").json()["lines"]?.items?.map { $0["action"]?.text } ?? []
        for action in ["models.switched", "models.drop.begun", "models.drop.ended"] {
            #expect(actions.contains(action))
        }
        #expect(try await daemon.edged("audit", "verify").status == 0)
        #expect(try await daemon.stop() == 0)
    }

    @Test(
        "without crops a switch that would shut everybody out is refused; forced, people are missing until it is taken back"
    )
    func withoutCrops() async throws {
        let daemon = try daemon(keepsCrops: false)
        try await daemon.start()
        let kiosk = try await daemon.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        _ = try await kiosk.feed(every(7, of: frames), to: try await kiosk.openEnrollment(of: "alice"))
        #expect(try await row(TwoModels.second, daemon)?["missing"]?.number == 1)
        let refused = try await daemon.edged("models", "switch", TwoModels.second)
        #expect(refused.status == 65 && refused.errors.contains("request.invalid"))
        for name in ["yunet", "nobody"] {
            let stranger = try await daemon.edged("models", "switch", name)
            #expect(stranger.errors.contains(name) && stranger.errors.contains("recognition.model."))
        }
        #expect(try await daemon.stop() == 0)
        // The daemon is not needed for it.
        let forced = try await daemon.edged("models", "switch", TwoModels.second, "--even-for-nobody", "--json")
        #expect(forced.status == 1, "\(forced.errors)")
        #expect(try forced.json()["missing"]?.number == 1)

        try await daemon.start()
        #expect(try await conditions(daemon).contains("recognition.templates.missing"))
        #expect(try await !recognises("alice", frames, APIClient(address: daemon.address, access: kiosk.access)))
        #expect(try await daemon.edged("models", "switch", "sface").status == 0)
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try await !conditions(daemon).contains("recognition.templates.missing"))
        #expect(try await recognises("alice", frames, APIClient(address: daemon.address, access: kiosk.access)))
        #expect(try await daemon.stop() == 0)
    }

    @Test("--drop-old after the switch and the next start removes the old one's templates at once, and says how many")
    func droppedLater() async throws {
        let daemon = try daemon(keepsCrops: true)
        try await daemon.start()
        let kiosk = try await daemon.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        _ = try await kiosk.feed(every(7, of: frames), to: try await kiosk.openEnrollment(of: "alice"))
        let first = try await daemon.edged("models", "switch", TwoModels.second, "--json")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try first.json()["is_in_use"]?.flag == false)
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try await row("sface", daemon)?["people"]?.number == 1, "nobody asked for it yet")

        let later = try await daemon.edged("models", "switch", TwoModels.second, "--drop-old", "--json").json()
        #expect(later["is_in_use"]?.flag == true && later["drops_at_start"]?.flag == false)
        #expect((later["dropped"]?.number ?? 0) > 0)
        #expect(try await row("sface", daemon)?["people"]?.number == 0)
        let again = try await daemon.edged("models", "switch", TwoModels.second, "--drop-old")
        let said = String(decoding: again.output, as: UTF8.self)
        #expect(said.contains("there was no template of another model to remove"), "\(said)\(again.errors)")
        #expect(try await recognises("alice", frames, APIClient(address: daemon.address, access: kiosk.access)))
        #expect(try await daemon.stop() == 0)
    }

    private func row(_ model: String, _ daemon: DaemonUnderTest) async throws -> JSONValue? {
        let listed = try await daemon.edged("models", "list", "--json")
        #expect(listed.status == 0, "\(listed.errors)")
        return try listed.json()["models"]?.items?.first { $0["id"]?.text == model }
    }

    private func conditions(_ daemon: DaemonUnderTest) async throws -> [String] {
        try await daemon.edged("status", "--json").json()["conditions"]?.items?.compactMap { $0["code"]?.text } ?? []
    }

    private func recognises(_ user: String, _ frames: [[UInt8]], _ client: APIClient) async throws -> Bool {
        try await client.feed(every(5, of: frames), to: try await client.openAuthentication(of: user))
            .body["result"]?.text == "success"
    }
}
