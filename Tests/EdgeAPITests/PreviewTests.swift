import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import EdgeAPI

/// One camera, `door`, whose pictures the test posts; or each who looks gets one picture and the end.
final class FakePreview: CameraPreview {
    private let state = Mutex<(looks: Int, views: [Int: FrameMailbox])>((0, [:]))
    private let isBrief: Bool
    let access: PreviewAccess

    init(_ access: PreviewAccess, isBrief: Bool = true) {
        self.access = access
        self.isBrief = isBrief
    }

    /// How often somebody looked.
    var looks: Int { state.withLock { $0.looks } }
    /// How many look now.
    var viewers: Int { state.withLock { $0.views.count } }

    func watch(_ camera: String?) throws(EdgeError) -> PreviewView {
        guard access != .off else { throw EdgeError(.previewOff) }
        guard camera == nil || camera == "door" else { throw EdgeError(.cameraUnknown) }
        let mailbox = FrameMailbox()
        let number = state.withLock { state in
            state.looks += 1
            state.views[state.looks] = mailbox
            return state.looks
        }
        mailbox.onEnd { [weak self] in self?.leave(number) }
        if isBrief {
            mailbox.post(Self.frame)
            mailbox.finish()
        }
        return PreviewView(camera: "door", pictures: mailbox)
    }

    private func leave(_ number: Int) {
        // Released outside the lock, as its end leads back here.
        let gone = state.withLock { $0.views.removeValue(forKey: number) }
        _ = gone
    }

    func fault(of camera: String) -> ErrorCode? { nil }

    /// Shows a picture to everybody.
    func post() {
        let views = state.withLock { Array($0.views.values) }
        for view in views { view.post(Self.frame) }
    }

    static let frame = Frame(
        image: EncodedImage(encoding: .jpeg, width: 64, height: 64, bytes: Picture.bytes),
        capturedAt: FrameClock().now, sequence: 0, origin: .camera)
}

@Suite("Looking through the cameras")
struct PreviewTests {
    private static let stream = "/api/core/cameras/preview/"
    private static let snapshot = "/api/core/cameras/snapshot/"

    private func services(_ api: TestAPI, _ preview: FakePreview?) -> APIServices {
        var services = api.services
        services.preview = preview
        return services
    }

    @Test("without leave it is refused: no credentials, a backend's, a door's", arguments: [stream, snapshot])
    func refused(path: String) async throws {
        let api = TestAPI()
        let preview = FakePreview(.network)
        try await api.test(services(api, preview)) { caller in
            let nobody = try await caller.get(path, as: nil)
            #expect(nobody.status == 401 && nobody["code"] == "credentials.missing")
            for scope in [ClientScope.integrator, .door] {
                api.clients.edit("one") { $0.scope = scope }
                let answer = try await caller.get(path)
                #expect(answer.status == 403 && answer["code"] == "credentials.forbidden")
            }
        }
        #expect(preview.looks == 0)
    }

    @Test("while it is off nobody looks, whoever asks, and nothing is written down", arguments: [stream, snapshot])
    func off(path: String) async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .admin }
        let previews: [FakePreview?] = [FakePreview(.off), nil]
        for preview in previews {
            try await api.test(services(api, preview)) { caller in
                let answer = try await caller.get(path)
                #expect(answer.status == 404 && answer["code"] == "capture.preview.off")
                #expect(try await caller.technician(path).status == 404)
            }
        }
        #expect(api.audit.lines.isEmpty)
    }

    @Test(
        "on this machine alone, or over the network too, as configured",
        arguments: [PreviewAccess.local, .network], [stream, snapshot])
    func listeners(access: PreviewAccess, path: String) async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .kiosk }
        for listener in [ListenerKind.loopback, .unixSocket, .lan] {
            try await api.test(services(api, FakePreview(access)), through: listener) { caller in
                let answer = try await caller.get(path)
                let isSeen = listener != .lan || access == .network
                #expect(answer.status == (isSeen ? 200 : 404))
                #expect(isSeen || answer["code"] == "capture.preview.off")
            }
        }
    }

    @Test("a snapshot is the picture itself, and who took it is written down", arguments: ["", "?camera=door"])
    func takesSnapshot(query: String) async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .kiosk }
        try await api.test(services(api, FakePreview(.local))) { caller in
            let answer = try await caller.get(Self.snapshot + query)
            #expect(answer.status == 200 && answer.bytes == Picture.bytes)
            #expect(answer.headers[.contentType] == "image/jpeg" && answer.headers[.cacheControl] == "no-store")
            #expect(try await caller.technician(Self.snapshot + query).status == 200)
            let unknown = try await caller.get(Self.snapshot + "?camera=window")
            #expect(unknown.status == 404 && unknown["code"] == "capture.camera.unknown")
        }
        #expect(api.audit.lines.map(\.action) == ["preview.snapshot", "preview.snapshot"])
        #expect(api.audit.lines.map(\.client) == [api.clients.named("one")?.id, nil])
        #expect(api.audit.lines.allSatisfy { $0.detailsJSON == #"{"camera":"door"}"# })
        #expect(api.audit.origins.map { $0?.actor } == ["FR_0123456789ABCDEF", "technician"])
    }

    @Test("a viewer gets whole JPEGs, each with its length, and a line when they come and when they go")
    func streams() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .kiosk }
        try await api.test(services(api, FakePreview(.local))) { caller in
            let answer = try await caller.get(Self.stream)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "multipart/x-mixed-replace; boundary=edged-picture")
            let head = "--edged-picture\r\nContent-Type: image/jpeg\r\nContent-Length: \(Picture.bytes.count)\r\n\r\n"
            #expect(answer.bytes == Array(head.utf8) + Picture.bytes + Array("\r\n--edged-picture--\r\n".utf8))
        }
        #expect(api.audit.lines.map(\.action) == ["preview.opened", "preview.closed"])
        #expect(api.audit.lines.last?.detailsJSON == #"{"camera":"door","pictures":1,"seconds":0}"#)
        #expect(api.audit.origins.map { $0?.actor } == ["FR_0123456789ABCDEF", "FR_0123456789ABCDEF"])
    }

    @Test("whoever only asks for the head sees nothing, and who looks too often waits")
    func rates() async throws {
        let api = TestAPI()
        let preview = FakePreview(.local)
        api.clients.edit("one") { $0.scope = .kiosk }
        try await api.test(services(api, preview)) { caller in
            let token = try await caller.token(of: "one")
            let head = try await caller.send(.head, Self.stream, headers: [.authorization: "Bearer \(token)"])
            #expect(head.status == 200 && preview.looks == 0)
            for _ in 0..<9 { #expect(try await caller.get(Self.snapshot).status == 200) }
            let limited = try await caller.get(Self.snapshot)
            #expect(limited.status == 429 && limited["code"] == "request.limited")
            #expect(limited.headers[.retryAfter] != nil)
            #expect(try await caller.technician(Self.snapshot).status == 200, "others are not held up")
        }
        #expect(preview.looks == 10)
    }

    @Test("the look ends when the viewer's connection does")
    func viewerGoes() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .kiosk }
        let preview = FakePreview(.local, isBrief: false)
        let issuer = try await TokenIssuer(issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        let token = try await issuer.issue(
            .access, for: try #require(api.clients.named("one")), lifetime: .seconds(60)
        ).text
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = APIServer(configuration: api.configuration, services: services(api, preview), log: log)
        try await serving(1, by: server) { addresses in
            try await look(port: try port(of: addresses.first), token: token, preview)
            // Written to a connection that is gone, one of the next pictures fails.
            while preview.viewers > 0 {
                preview.post()
                await Task.yield()
            }
            while api.audit.lines.count < 2 { await Task.yield() }
        }
        #expect(api.audit.lines.map(\.action) == ["preview.opened", "preview.closed"])
    }

    /// Looks until a picture has come, then goes without a word.
    private func look(port: Int, token: String, _ preview: FakePreview) async throws {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound, outbound in
            let request = "GET \(Self.stream) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            while preview.viewers == 0 { await Task.yield() }
            preview.post()
            var answer: [UInt8] = []
            for try await part in inbound {
                answer += part.readableBytesView
                if String(decoding: answer, as: UTF8.self).contains("Content-Length: \(Picture.bytes.count)") { break }
            }
        }
    }
}

@Suite("The stream of pictures")
struct PreviewFeedTests {
    private struct Gone: Error {}

    @Test("ends when the camera gives nothing for too long")
    func silentCamera() async throws {
        let (mailbox, progress) = (FrameMailbox(), PreviewFeed.Progress())
        mailbox.post(FakePreview.frame)
        let feed = PreviewFeed(patience: .milliseconds(20))
        try await feed.run(mailbox, progress, hangUp: { Issue.record("nobody was slow") }) { _ in }
        #expect(progress.pictures == 1 && !progress.isWriting)
    }

    @Test("a viewer who may not look any more sees no more, however much there is to see", .timeLimit(.minutes(10)))
    func unwelcome() async throws {
        let (mailbox, progress) = (FrameMailbox(), PreviewFeed.Progress())
        let camera = Task {
            while !Task.isCancelled {
                mailbox.post(FakePreview.frame)
                await Task.yield()
            }
        }
        defer { camera.cancel() }
        let feed = PreviewFeed(patience: .milliseconds(20))
        try await feed.run(mailbox, progress, hangUp: {}, isWelcome: { false }) { _ in }
        #expect(progress.pictures > 0)
    }

    @Test("ends by hanging up on a viewer who takes nothing")
    func stuckViewer() async throws {
        let (mailbox, progress) = (FrameMailbox(), PreviewFeed.Progress())
        let (hanging, hang) = AsyncStream.makeStream(of: Void.self)
        mailbox.post(FakePreview.frame)
        let feed = PreviewFeed(patience: .milliseconds(20))
        await #expect(throws: Gone.self) {
            try await feed.run(mailbox, progress, hangUp: { hang.finish() }) { bytes in
                guard bytes.count > Picture.bytes.count else { return }
                for await _ in hanging {}
                throw Gone()
            }
        }
        #expect(progress.pictures == 0)
    }

    @Test("a viewer who is slow gets the newest picture next, and none of those between")
    func slowViewer() async throws {
        let (mailbox, progress) = (FrameMailbox(), PreviewFeed.Progress())
        mailbox.post(FakePreview.frame)
        let feed = PreviewFeed(patience: .seconds(600))
        try await feed.run(mailbox, progress, hangUp: {}) { bytes in
            guard bytes.count > Picture.bytes.count, progress.pictures == 0 else { return }
            // While the first is on its way, five more come and the camera ends.
            for _ in 0..<5 { mailbox.post(FakePreview.frame) }
            mailbox.finish()
        }
        #expect(progress.pictures == 2 && mailbox.replacedFrames == 4)
    }
}
