import CTurboJPEG
import EdgeCore
import EdgeTesting
import Foundation
import Glibc
import Synchronization
import Testing

@testable import Capture

/// Real workers on threads of this process, and others that are none.
final class Workers: Sendable {
    enum Kind: Sendable {
        case real
        /// Ends as soon as it has a picture.
        case ends
        /// Takes a picture and says nothing, until the other side goes.
        case hangs
        /// Says these bytes, and brings descriptors that nobody asked for.
        case says([UInt8], descriptors: Int)
        /// Decodes so many pictures and is gone.
        case decodes(Int)
    }

    private let kinds: Mutex<[Kind]>
    private let made = Mutex(0)
    private let running = Mutex(0)

    /// The first connection gets the first kind, and so on; the last one is for all further ones.
    init(_ kinds: Kind...) { self.kinds = Mutex(kinds) }

    /// How many connections were made.
    var connections: Int { made.withLock { $0 } }
    /// How many of them have not ended.
    var open: Int { running.withLock { $0 } }

    @Sendable func connect() throws(DecoderFault) -> CInt {
        let kind = kinds.withLock { $0.count > 1 ? $0.removeFirst() : $0.first } ?? .real
        let (ours, theirs) = try MessageSocket.pair()
        made.withLock { $0 += 1 }
        running.withLock { $0 += 1 }
        Thread.detachNewThread { [self] in
            Self.serve(theirs, as: kind)
            running.withLock { $0 -= 1 }
        }
        return ours
    }

    private static func serve(_ descriptor: CInt, as kind: Kind) {
        switch kind {
        case .real: return DecoderWorker(limits: ImageLimits(minimumSide: 1)).serve(connected: descriptor)
        case .decodes(let count): return serve(descriptor, count)
        case .ends, .hangs, .says: break
        }
        let socket = MessageSocket(taking: descriptor)
        guard case .message(_, let handed) = take(socket) else { return }
        defer { for descriptor in handed { close(descriptor) } }
        if case .says(let bytes, let count) = kind {
            _ = socket.send(bytes, Array(handed.prefix(count)), within: .seconds(5))
        }
        if case .ends = kind { return }
        // Nothing more comes: this waits for the other side to go.
        _ = take(socket)
    }

    private static func serve(_ descriptor: CInt, _ count: Int) {
        let socket = MessageSocket(taking: descriptor)
        var desk = DecoderDesk(ImageLimits())
        for _ in 0..<count {
            guard case .message(let bytes, let handed) = take(socket), let answer = desk.answer(bytes, handed) else {
                return
            }
            _ = socket.send(answer.bytes, within: .seconds(5))
        }
    }

    private static func take(_ socket: borrowing MessageSocket) -> MessageSocket.Received {
        socket.receive(atMost: DecodeRequest.length, descriptors: 2, within: nil)
    }
}

extension IsolatedImageDecoder {
    /// A decoder behind `workers`.
    convenience init(
        _ workers: Workers, health: HealthBoard = HealthBoard(), patience: Duration = .seconds(60)
    ) {
        self.init(
            limits: ImageLimits(minimumSide: 1), health: health, log: .silent, patience: { _ in patience },
            connect: workers.connect)
    }
}

/// One after the other: what is left over is looked for in the whole process.
@Suite("Decoding in another process", .serialized)
struct IsolatedDecodingTests {
    private let inside = TurboImageDecoder(limits: ImageLimits(minimumSide: 1))

    private static func formats() throws -> [[UInt8]] {
        let drawing = Pictures.quarters(width: 203, height: 117)
        let clear = (0..<203 * 117).flatMap { place -> [UInt8] in [UInt8(place % 256), 10, 200, UInt8(place / 203)] }
        let jpeg = try Pictures.jpeg(drawing)
        return [
            try TestInputs.bytes("stills/obama.jpg"), try TestInputs.bytes("stills/astronaut.png"),
            try TestInputs.bytes("webcam-man/0000.jpg"), jpeg, try Pictures.jpeg(drawing, sampling: TJSAMP_GRAY),
            try Pictures.jpeg(drawing, flags: TJFLAG_PROGRESSIVE),
            Pictures.insert(Pictures.orientationSegment(6), into: jpeg),
            try Pictures.png(drawing.pixels, width: 203, height: 117),
            try Pictures.png(clear, width: 203, height: 117, format: 0x03),
            try Pictures.webp(drawing.pixels, width: 203, height: 117),
            try Pictures.webp(clear, width: 203, height: 117, hasAlpha: true),
        ]
    }

    @Test("every format comes out as it does in this process, at every scale")
    func formats() throws {
        let workers = Workers(.real)
        let decoder = IsolatedImageDecoder(workers)
        for bytes in try Self.formats() {
            let header = try decoder.inspect(bytes)
            let own = try inside.inspect(bytes)
            #expect((header.width, header.height, header.encoding) == (own.width, own.height, own.encoding))
            for scale in [DecodeScale.full, .atLeast(longSide: 160), .atLeast(longSide: 40)] {
                #expect(try decoder.decode(header, scale: scale) == inside.decode(own, scale: scale))
            }
        }
        #expect(workers.connections == 1)
        #expect(decoder.figures == IsolatedImageDecoder.Figures(pictures: 33, failures: 0))
    }

    @Test("rows of a raw camera are converted here: nobody is asked")
    func raw() throws {
        let workers = Workers(.ends)
        let decoder = IsolatedImageDecoder(workers)
        let rows = (0..<128 * 96 * 2).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for encoding in [ImageEncoding.grey, .yuyv] {
            let stride = encoding == .grey ? 128 : 256
            let image = EncodedImage(encoding: encoding, width: 128, height: 96, stride: stride, bytes: rows)
            #expect(try decoder.decode(image, scale: .full) == inside.decode(image, scale: .full))
        }
        #expect(workers.connections == 0)
    }

    @Test("the small grey picture of a camera's JPEG is the same")
    func grey() throws {
        let decoder = IsolatedImageDecoder(Workers(.real))
        let bytes = try TestInputs.bytes("webcam-man/0000.jpg")
        let there = try bytes.withUnsafeBytes { lent -> [UInt8] in try decoder.tinyGrey(lent) }
        let here = try bytes.withUnsafeBytes { lent -> [UInt8] in try inside.tinyGrey(lent) }
        #expect(there == here && !there.isEmpty)
        #expect(throws: EdgeError.self) {
            try bytes.prefix(500).withUnsafeBytes { lent -> [UInt8] in try decoder.tinyGrey(lent) }
        }
    }

    @Test("damaged pictures have the code that they have in this process, and the worker goes on")
    func damaged() throws {
        let workers = Workers(.real)
        let decoder = IsolatedImageDecoder(workers)
        var numbers = SeededNumbers(seed: 11)
        let sources = try Self.formats().suffix(8)
        func code(_ decoder: any ImageDecoder, _ bytes: [UInt8]) -> ErrorCode? {
            do throws(EdgeError) {
                _ = try decoder.decode(decoder.inspect(bytes), scale: .full)
                return nil
            } catch {
                return error.code
            }
        }
        for _ in 0..<800 {
            var bytes = try #require(sources.randomElement(using: &numbers))
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &numbers)] = .random(in: 0...255, using: &numbers)
            }
            #expect(code(decoder, bytes) == code(inside, bytes))
        }
        #expect(workers.connections == 1)
        #expect(decoder.figures.failures == 0)
    }

    /// What is wrong with the worker, and how it is called.
    private static let faults: [(String, Workers.Kind)] = [
        ("ends", .ends), ("hangs", .hangs), ("garbage", .says([1, 2, 3], descriptors: 0)),
        ("more than an answer", .says([UInt8](repeating: 7, count: 4000), descriptors: 0)),
        ("descriptors", .says([UInt8](repeating: 0, count: DecodeAnswer.length), descriptors: 2)),
        (
            "another size",
            .says(
                {
                    var answer = DecodeAnswer(to: DecodeRequest(number: 1, work: .pixels), .done)
                    answer.size = PixelSize(width: 4, height: 4)
                    return answer.bytes
                }(), descriptors: 0)
        ),
    ]

    @Test("a worker at fault costs one picture; the next goes to a fresh one", arguments: faults.map(\.0))
    func fault(name: String) async throws {
        let kind = try #require(Self.faults.first { $0.0 == name }).1
        let workers = Workers(kind, .real)
        let health = HealthBoard()
        // Only who hangs is waited for in vain.
        let decoder = IsolatedImageDecoder(
            workers, health: health, patience: .milliseconds(name == "hangs" ? 50 : 60_000))
        let picture = try decoder.inspect(try Pictures.jpeg(Pictures.quarters(width: 128, height: 96)))
        let error = #expect(throws: EdgeError.self) { try decoder.decode(picture, scale: .full) }
        #expect(error?.code == .decoderFailed)
        #expect(health.current.map(\.code) == ["decoder.failed"])
        try await eventually("a fresh one decodes") {
            (try? decoder.decode(picture, scale: .full)) != nil
        }
        #expect(health.current.isEmpty)
        #expect(decoder.figures.pictures == 1 && decoder.figures.failures >= 1)
    }

    @Test("one that ended between two pictures costs none")
    func idle() async throws {
        let workers = Workers(.decodes(1), .real)
        let health = HealthBoard()
        let decoder = IsolatedImageDecoder(workers, health: health)
        let picture = try decoder.inspect(try Pictures.jpeg(Pictures.quarters(width: 128, height: 96)))
        _ = try decoder.decode(picture, scale: .full)
        try await eventually("it has gone") { workers.open == 0 }
        _ = try decoder.decode(picture, scale: .full)
        #expect(workers.connections == 2)
        #expect(health.current.isEmpty)
        #expect(decoder.figures == IsolatedImageDecoder.Figures(pictures: 2, failures: 0))
    }

    @Test("nobody there: no picture is decoded, least of all here, and a technician is told")
    func unreachable() throws {
        let health = HealthBoard()
        let path = FileManager.default.temporaryDirectory.appending(path: "none-\(UUID().uuidString)").path
        let decoder = IsolatedImageDecoder(socket: path, health: health, log: .silent)
        let picture = try decoder.inspect(try Pictures.jpeg(Pictures.quarters(width: 128, height: 96)))
        for _ in 0..<3 {
            let error = #expect(throws: EdgeError.self) { try decoder.decode(picture, scale: .full) }
            #expect(error?.code == .decoderUnavailable)
        }
        #expect(health.current.map(\.code) == ["decoder.unavailable"])
        #expect(decoder.figures.pictures == 0 && decoder.figures.failures == 3)
    }

    @Test("over a listening socket, from many threads at once, and without anybody asking after it was away")
    func listening() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("s")
        let health = HealthBoard()
        let decoder = IsolatedImageDecoder(socket: path, health: health, log: .silent)
        decoder.greet()
        #expect(health.current.map(\.code) == ["decoder.unavailable"])
        let socket = try DecoderWorker.socket(at: path)
        Thread.detachNewThread { try? DecoderWorker().serve(listening: socket) }
        try await eventually("it is greeted") {
            decoder.greet()
            return health.current.isEmpty
        }
        let bytes = try TestInputs.bytes("webcam-man/0000.jpg")
        let expected = try inside.decode(inside.inspect(bytes), scale: .full)
        try await withThrowingTaskGroup(of: Image.self) { group in
            for _ in 0..<16 { group.addTask { try decoder.decode(decoder.inspect(bytes), scale: .full) } }
            for try await image in group { #expect(image == expected) }
        }
        #expect(decoder.figures.pictures == 16)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    }

    @Test("a thousand pictures and twenty workers that end leave no descriptor and no memory behind")
    func leaks() async throws {
        let kinds = Workers(.decodes(50))
        do {
            let decoder = IsolatedImageDecoder(kinds)
            let small = try decoder.inspect(try Pictures.jpeg(Pictures.quarters(width: 128, height: 96)))
            let large = try decoder.inspect(try Pictures.jpeg(Pictures.quarters(width: 1280, height: 720)))
            for number in 0..<1000 {
                _ = try? decoder.decode(number % 10 == 3 ? large : small, scale: .full)
                #expect(Self.descriptors() <= 4, "two of the memory in use, and of the one that is handed over")
            }
            #expect(kinds.connections >= 20)
            #expect(decoder.figures.pictures >= 980)
        }
        try await eventually("all is given back") { Self.descriptors() == 0 && Self.mappings() == 0 && kinds.open == 0 }
    }

    /// Open descriptors of memory that is shared.
    private static func descriptors() -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.count { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)")
            return target?.contains("memfd:picture") ?? false
        }
    }

    private static func mappings() -> Int {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        return maps.split(separator: "\n").count { $0.contains("memfd:picture") }
    }
}
