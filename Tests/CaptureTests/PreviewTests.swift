import EdgeCore
import EdgeTesting
import Foundation
import Synchronization
import Testing

@testable import Capture

/// A camera whose frames a test gives, and of which it is known whether anybody reads it.
private final class HubCamera: FrameSource {
    let hub = CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"))
    private let start = FrameClock().now

    var name: String { "door" }
    var sighting: FaceSighting? { hub.sighting }
    var status: CameraStatus { hub.status }
    func subscribe() -> FrameMailbox { hub.subscribe() }

    /// Gives a frame that was taken so many milliseconds after the start.
    func give(_ image: EncodedImage, at milliseconds: Int) {
        hub.deliver(image, capturedAt: start.advanced(by: .milliseconds(milliseconds)), skipped: 0)
    }

    /// A face in the middle half of a frame that was taken then.
    func see(at milliseconds: Int) {
        let face = FaceGeometry(
            x: 16, y: 16, width: 32, height: 32, landmarks: Array(repeating: Point(x: 32, y: 32), count: 5), score: 1)
        hub.sighting = FaceSighting(
            face, frameWidth: 64, frameHeight: 64, takenAt: start.advanced(by: .milliseconds(milliseconds)))
    }
}

/// The real decoder, and how often it was asked.
private final class CountingDecoder: ImageDecoder {
    private let decoder = TurboImageDecoder()
    private let count = Mutex(0)

    var decoded: Int { count.withLock { $0 } }
    func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage { try decoder.inspect(bytes) }
    func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        count.withLock { $0 += 1 }
        return try decoder.decode(image, scale: scale)
    }
}

@Suite("Preview")
struct PreviewTests {
    private let camera = HubCamera()
    private let decoder = CountingDecoder()
    private let grey = EncodedImage(
        encoding: .grey, width: 64, height: 64, stride: 64, bytes: (0..<4096).map { UInt8($0 / 64 * 2) })

    private func jpeg() throws -> EncodedImage {
        let bytes = try Pictures.jpeg(Pictures.quarters(width: 64, height: 64))
        return EncodedImage(encoding: .jpeg, width: 64, height: 64, bytes: bytes)
    }

    private func makeRoom(_ access: PreviewAccess = .local, drawsFace: Bool = false) -> PreviewRoom {
        var rules = PreviewRules()
        rules.access = access
        rules.drawsFace = drawsFace
        rules.framesPerSecond = 10
        return PreviewRoom(cameras: [camera], rules: rules, decoder: decoder)
    }

    /// A room that runs while `body` does.
    private func withRoom(drawsFace: Bool = false, _ body: (PreviewRoom) async throws -> Void) async throws {
        let room = makeRoom(drawsFace: drawsFace)
        let running = Task { await room.run() }
        do {
            try await body(room)
        } catch {
            running.cancel()
            await running.value
            throw error
        }
        running.cancel()
        await running.value
    }

    private func whenRead() async throws {
        try await eventually("the camera is read") { camera.hub.hasSubscribers }
    }

    @Test("a viewer gets whole JPEGs: the camera's own as they are, and others made into one")
    func wholeJPEGs() async throws {
        try await withRoom { room in
            let view = try room.watch("door")
            try await whenRead()
            let own = try jpeg()
            camera.give(own, at: 0)
            let first = try #require(try await view.pictures.take(1).first)
            #expect(first.image.bytes == own.bytes && decoder.decoded == 0)
            camera.give(grey, at: 100)
            let second = try #require(try await view.pictures.take(1).first)
            #expect(second.image.encoding == .jpeg && second.sequence == 1)
            let decoded = try TurboImageDecoder().decode(second.image, scale: .full)
            #expect(decoded.width == 64 && decoded.height == 64)
        }
    }

    @Test("a face that was seen just now gets a box where that is wanted, and a picture without one stays as it is")
    func faceBox() async throws {
        let own = try jpeg()
        for drawsFace in [true, false] {
            try await withRoom(drawsFace: drawsFace) { room in
                let view = try room.watch(nil)
                try await whenRead()
                camera.see(at: 0)
                camera.give(own, at: 900)
                let boxed = try #require(try await view.pictures.take(1).first).image
                #expect((boxed.bytes != own.bytes) == drawsFace)
                #expect(boxed.encoding == .jpeg && boxed.width == 64 && boxed.height == 64)
                let image = try TurboImageDecoder().decode(boxed, scale: .full)
                // Blue without the box.
                let green = image.pixels[3 * (16 * 64 + 24) + 1]
                #expect((green > 120) == drawsFace, "\(green)")
                camera.give(own, at: 1100)
                #expect(try await view.pictures.take(1).first?.image.bytes == own.bytes, "it has gone on")
            }
        }
    }

    @Test("two viewers share one reader of the camera and one making of each picture")
    func shared() async throws {
        try await withRoom { room in
            let (one, other) = (try room.watch(nil), try room.watch("door"))
            try await whenRead()
            camera.give(grey, at: 0)
            let seen = try #require(try await one.pictures.take(1).first)
            let alsoSeen = try #require(try await other.pictures.take(1).first)
            #expect(seen.image.bytes == alsoSeen.image.bytes)
            #expect(decoder.decoded == 1)
        }
    }

    @Test("no more pictures a second are shown than is wanted")
    func pace() async throws {
        try await withRoom { room in
            let view = try room.watch(nil)
            try await whenRead()
            camera.give(try jpeg(), at: 0)
            #expect(try await view.pictures.take(1).map(\.sequence) == [0])
            camera.give(try jpeg(), at: 50)
            camera.give(try jpeg(), at: 100)
            #expect(try await view.pictures.take(1).map(\.sequence) == [2])
        }
        var pace = PreviewPace(framesPerSecond: 5)
        let now = FrameClock().now
        let admitted = (0..<30).filter { pace.admits(now.advanced(by: .milliseconds(40 * $0))) }
        #expect(admitted == [0, 5, 10, 15, 20, 25])
        let isAdmitted = pace.admits(now)
        #expect(isAdmitted, "a stamp that went back holds nobody up")
    }

    @Test("a viewer who does not read loses pictures, and holds up neither the camera nor others")
    func slowViewer() async throws {
        try await withRoom { room in
            let (quick, slow) = (try room.watch(nil), try room.watch(nil))
            try await whenRead()
            for number in 0..<5 {
                camera.give(try jpeg(), at: 100 * number)
                #expect(try await quick.pictures.take(1).map(\.sequence) == [UInt64(number)])
            }
            try await eventually("all but one are lost") { slow.pictures.replacedFrames == 4 }
            #expect(try await slow.pictures.take(1).map(\.sequence) == [4])
            #expect(camera.hub.status.frames == 5 && camera.hub.status.dropped == 0)
        }
    }

    @Test("the camera is read only while somebody looks, and again when somebody comes again")
    func readsOnDemand() async throws {
        try await withRoom { room in
            #expect(!camera.hub.hasSubscribers)
            for round in 0..<3 {
                let view = try room.watch(nil)
                try await whenRead()
                camera.give(try jpeg(), at: 100 * round)
                #expect(try await view.pictures.take(1).count == 1)
                view.pictures.finish()
                #expect(!camera.hub.hasSubscribers && room.viewers == 0)
            }
        }
    }

    @Test("as many look as there are places, and a place is free when its viewer lets go")
    func places() throws {
        let room = makeRoom()
        var views = try (0..<PreviewRoom.maximumViewers).map { _ in try room.watch(nil) }
        let error = #expect(throws: EdgeError.self) { _ = try room.watch(nil) }
        #expect(error?.code == .requestLimited && error?.retryAfter != nil)
        views.removeLast()
        #expect(room.viewers == PreviewRoom.maximumViewers - 1)
        views.append(try room.watch(nil))
        #expect(views.count == room.viewers)
    }

    @Test("nobody looks while it is off, nor through a camera that is not there")
    func refused() {
        let off = #expect(throws: EdgeError.self) { _ = try makeRoom(.off).watch(nil) }
        #expect(off?.code == .previewOff)
        let unknown = #expect(throws: EdgeError.self) { _ = try makeRoom().watch("window") }
        #expect(unknown?.code == .cameraUnknown)
    }

    @Test("those who look are told when the footage ends, and when the daemon does")
    func ends() async throws {
        try await withRoom { room in
            let view = try room.watch(nil)
            try await whenRead()
            camera.hub.finish()
            #expect(try await view.pictures.take(1).isEmpty)
            try await eventually("the place is free") { room.viewers == 0 }
        }
        camera.hub.reopen()
        let room = makeRoom()
        let running = Task { await room.run() }
        let view = try room.watch(nil)
        try await whenRead()
        running.cancel()
        #expect(try await view.pictures.take(1).isEmpty)
        await running.value
        #expect(try await room.watch(nil).pictures.take(1).isEmpty && room.viewers == 0)
    }

    @Test("a snapshot is the next picture, or the camera's fault when none comes in time")
    func snapshot() async throws {
        try await withRoom { room in
            async let taken = room.snapshot(nil)
            try await whenRead()
            let own = try jpeg()
            camera.give(own, at: 0)
            let seen = try await taken
            #expect(seen.camera == "door" && seen.frame.image.bytes == own.bytes)
            #expect(room.viewers == 0)
            camera.hub.update { $0.fault = ErrorCode.cameraBusy.rawValue }
            let error = await #expect(throws: EdgeError.self) {
                _ = try await room.snapshot("door", within: .milliseconds(20))
            }
            #expect(error?.code == .cameraBusy)
        }
    }

    @Test("without a daemon a picture comes from the camera itself, and its fault where it gives none")
    func alone() async throws {
        let folder = try TemporaryDirectory()
        let bytes = try jpeg().bytes
        try Data(bytes).write(to: folder.url.appending(path: "0.jpg"))
        let footage = CameraConfiguration(name: "door", source: .replay(folder.url.path), loops: false)
        let taken = try await CameraSnapshot.take(footage, within: .seconds(300), log: .silent)
        #expect(taken.bytes == bytes)
        let missing = CameraConfiguration(name: "door", source: .device("usb:ffff:ffff"))
        let error = await #expect(throws: EdgeError.self) {
            _ = try await CameraSnapshot.take(missing, within: .milliseconds(200), log: .silent)
        }
        #expect(error?.code == .cameraMissing)
    }

    @Test("how old frames are is told as a mean that follows")
    func ages() {
        var ages = AgeMeter()
        #expect(ages.milliseconds == nil)
        ages.count(.milliseconds(20))
        #expect(ages.milliseconds == 20)
        for _ in 0..<500 { ages.count(.milliseconds(40)) }
        #expect(ages.milliseconds == 40)
        ages.count(.milliseconds(-5))
        #expect(ages.milliseconds.map { $0 < 40 } == true, "a stamp of the future counts as none")
    }
}
