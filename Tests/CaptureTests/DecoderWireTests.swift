import EdgeCore
import Foundation
import Glibc
import Testing

@testable import Capture

@Suite("What daemon and decoder say to each other")
struct DecoderWireTests {
    private static let request = DecodeRequest(
        number: 7, work: .pixels, encoding: .webp, count: 70_000, scale: .atLeast(longSide: 320),
        size: PixelSize(width: 640, height: 480))

    @Test("a request comes out as it went in")
    func roundTrip() {
        var other = Self.request
        other.scale = .full
        other.work = .grey
        other.encoding = .jpeg
        for request in [Self.request, other, DecodeRequest(number: .max, work: .greeting)] {
            #expect(request.bytes.count == DecodeRequest.length)
            #expect(DecodeRequest(request.bytes) == request)
        }
        let long = DecodeRequest(number: 1, work: .pixels, encoding: .png, size: PixelSize(width: 390_000, height: 64))
        #expect(DecodeRequest(long.bytes) == long)
    }

    @Test("what is no request is none, whatever byte is wrong")
    func noRequest() {
        #expect(DecodeRequest([]) == nil)
        #expect(DecodeRequest(Array(Self.request.bytes.dropLast())) == nil)
        #expect(DecodeRequest(Self.request.bytes + [0]) == nil)
        // The mark, the two kinds, the high bytes of both sides, and what is always 0.
        for place in [0, 1, 2, 3, 4, 5, 6, 7, 31, 35, 36, 37, 38, 39] {
            var bytes = Self.request.bytes
            bytes[place] = 0xFF
            #expect(DecodeRequest(bytes) == nil, "byte \(place)")
        }
    }

    @Test("an honest answer is believed", arguments: DecodeAnswer.Outcome.allCases)
    func honest(outcome: DecodeAnswer.Outcome) throws {
        let answer = DecodeAnswer(to: Self.request, outcome)
        #expect(answer.bytes.count == DecodeAnswer.length)
        #expect(try Self.request.outcome(of: answer.bytes) == outcome)
    }

    /// Answers that no honest worker gives.
    private static let hostile: [(what: String, bytes: [UInt8])] = {
        let honest = DecodeAnswer(to: request, .done)
        func with(_ change: (inout DecodeAnswer) -> Void) -> [UInt8] {
            var answer = honest
            change(&answer)
            return answer.bytes
        }
        var unknown = honest.bytes
        unknown[4] = 99
        var flags = honest.bytes
        flags[6] = 1
        return [
            ("nothing", []), ("too short", Array(honest.bytes.dropLast())), ("too long", honest.bytes + [0]),
            ("garbage", [UInt8](repeating: 0xA5, count: DecodeAnswer.length)),
            ("an older picture", with { $0.number -= 1 }), ("a later picture", with { $0.number += 1 }),
            ("wider", with { $0.size.width += 1 }), ("higher", with { $0.size.height = 0xFFFF_FFFF }),
            ("no pixels", with { $0.size = PixelSize(width: 0, height: 0) }),
            ("on its side", with { $0.size = $0.size.swapped }),
            ("damaged, and there all the same", with { $0.outcome = .corrupt }), ("of an unknown kind", unknown),
            ("with a flag that nobody knows", flags),
        ]
    }()

    @Test("any other answer is nonsense, and its worker is given up", arguments: hostile.map(\.what))
    func nonsense(what: String) throws {
        let bytes = try #require(Self.hostile.first { $0.what == what }).bytes
        let fault = #expect(throws: DecoderFault.self) { try Self.request.outcome(of: bytes) }
        guard case .nonsense = try #require(fault) else {
            Issue.record("\(what) is taken for \(String(describing: fault))")
            return
        }
        #expect(fault?.error.code == .decoderFailed)
    }

    @Test("to a greeting there is one answer")
    func greeting() throws {
        let greeting = DecodeRequest(number: 1, work: .greeting)
        #expect(try greeting.outcome(of: DecodeAnswer(to: greeting, .done).bytes) == .done)
        #expect(throws: DecoderFault.self) { try greeting.outcome(of: DecodeAnswer(to: greeting, .corrupt).bytes) }
    }

    @Test("a worker's words reach nobody: each fault of a picture has the daemon's own")
    func words() {
        for code in [ErrorCode.imageCorrupt, .imageUnsupported, .imageTooLarge, .imageTooSmall] {
            let error = DecodeAnswer.Outcome(EdgeError(code, "whatever")).error
            #expect(error?.code == code && error?.detail != "whatever")
        }
        #expect(DecodeAnswer.Outcome(EdgeError(.internalFault)) == .corrupt)
    }
}

@Suite("Memory that two processes share")
struct SharedMemoryTests {
    private func isMapped(_ descriptor: CInt, atMost most: Int, forWriting: Bool) -> Bool {
        guard let memory = SharedMemory(descriptor, atMost: most, forWriting: forWriting) else { return false }
        return memory.count > 0
    }

    @Test("who was handed the picture's bytes can read them and write nothing, by mapping or by file")
    func input() throws {
        let memory = try SharedMemory(count: 4096, isOurs: true)
        memory.base[5] = 42
        let other = dup(memory.descriptor)
        defer { close(other) }
        #expect(!isMapped(other, atMost: 4096, forWriting: true))
        let byte: [UInt8] = [1]
        #expect(pwrite(other, byte, 1, 0) == -1)
        guard let seen = SharedMemory(other, atMost: 4096, forWriting: false) else {
            Issue.record("it cannot be read")
            return
        }
        #expect(seen.base[5] == 42)
        memory.base[5] = 43
        #expect(seen.base[5] == 43, "the daemon goes on writing to it, picture after picture")
    }

    @Test("neither side can change the size under the other", arguments: [true, false])
    func size(isOurs: Bool) throws {
        let memory = try SharedMemory(count: 8192, isOurs: isOurs)
        #expect(ftruncate(memory.descriptor, 4096) == -1)
        #expect(ftruncate(memory.descriptor, 16_384) == -1)
        #expect(!isMapped(memory.descriptor, atMost: 4096, forWriting: false), "more than is wanted")
    }

    @Test("a file, a socket, and what is closed are no memory")
    func others() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "no-memory-\(UUID().uuidString)")
        try Data(count: 4096).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let descriptor = open(file.path, O_RDWR)
        defer { close(descriptor) }
        #expect(!isMapped(descriptor, atMost: 4096, forWriting: false))
        let (left, right) = try MessageSocket.pair()
        defer {
            close(left)
            close(right)
        }
        #expect(!isMapped(left, atMost: 4096, forWriting: false))
        #expect(!isMapped(-1, atMost: 4096, forWriting: true))
    }
}

@Suite("What a decoder takes from its daemon")
struct DecoderDeskTests {
    private let jpeg: [UInt8]
    private let request: DecodeRequest

    init() throws {
        jpeg = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96))
        request = DecodeRequest(
            number: 1, work: .pixels, encoding: .jpeg, count: jpeg.count, size: PixelSize(width: 128, height: 96))
    }

    /// The answer to a request with memory of these sizes.
    private func answer(
        _ request: DecodeRequest, inputCount: Int? = nil, outputCount: Int = 3 * 128 * 96, isSealed: Bool = true
    ) throws -> DecodeAnswer.Outcome? {
        let input = try SharedMemory(count: inputCount ?? jpeg.count, isOurs: isSealed)
        let output = try SharedMemory(count: outputCount, isOurs: false)
        for (place, byte) in jpeg.prefix(input.count).enumerated() { input.base[place] = byte }
        var desk = DecoderDesk(ImageLimits())
        return desk.answer(request.bytes, [dup(input.descriptor), dup(output.descriptor)])?.outcome
    }

    @Test("a picture in memory that holds it")
    func good() throws { #expect(try answer(request) == .done) }

    @Test("memory that is too short, or may be written to while it is read, ends the connection")
    func memory() throws {
        #expect(try answer(request, inputCount: jpeg.count - 1) == nil)
        #expect(try answer(request, outputCount: 3 * 128 * 96 - 1) == nil)
        #expect(try answer(request, isSealed: false) == nil)
    }

    @Test("a size that is not the picture's is the picture's fault, and nothing is written")
    func sizes() throws {
        var wrong = request
        wrong.size = PixelSize(width: 64, height: 96)
        #expect(try answer(wrong) == .corrupt)
    }

    @Test("without memory, with one descriptor or with garbage there is no answer")
    func nothing() throws {
        var desk = DecoderDesk(ImageLimits())
        #expect(desk.answer(request.bytes, []) == nil)
        let memory = try SharedMemory(count: 65_536, isOurs: true)
        #expect(desk.answer(request.bytes, [dup(memory.descriptor)]) == nil)
        #expect(desk.answer([1, 2, 3], []) == nil)
        #expect(desk.answer(DecodeRequest(number: 3, work: .greeting).bytes, [])?.outcome == .done)
    }
}
