import EdgeCore
import Glibc

/// One connection to a worker: one picture at a time, in memory that is handed over once.
///
/// Safe to send: it is one caller's at a time, who takes it out of ``IsolatedImageDecoder``'s list and puts it back.
final class DecoderLink: @unchecked Sendable {
    /// Which worker it leads to, counted by ``DecoderHealth``.
    let generation: Int
    private let socket: MessageSocket
    private var room: PictureRoom?
    private var asked: UInt64 = 0

    init(_ socket: consuming MessageSocket, generation: Int) {
        self.socket = socket
        self.generation = generation
    }

    /// Whether nothing was done over it yet.
    var isFresh: Bool { asked <= 1 }

    /// Whether it has so much room that it is better made anew than kept.
    var isTooLargeToKeep: Bool {
        guard room != nil else { return false }
        return (room?.input.count ?? 0) + (room?.output.count ?? 0) > RoomRule.mostKept
    }

    /// Has the worker do `order`, whose number is given here; waits for it.
    func ask(
        _ order: DecodeRequest, _ bytes: PictureBytes, within limit: Duration
    ) throws(DecoderFault) -> DecodeAnswer.Outcome {
        asked += 1
        var request = order
        request.number = asked
        request.count = bytes.count
        let fresh = try handOver(bytes, outputCount: request.outputCount)
        guard socket.send(request.bytes, fresh, within: limit) else { throw .away }
        switch socket.receive(atMost: DecodeAnswer.length, within: limit) {
        case .message(let answer, _): return try request.outcome(of: answer)
        case .late: throw .silent
        case .gone: throw .ended
        case .unfit: throw .nonsense("more than was asked for")
        }
    }

    /// Copies what the worker has made, which it may still write to: who reads the copy reads one thing.
    func take(_ count: Int) throws(DecoderFault) -> [UInt8] {
        guard let held = room?.output.count, count <= held else { throw .nonsense("more than there is room for") }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard let target = buffer.baseAddress, let source = room?.output.base else { return }
            memcpy(target, source, count)
            initialized = count
        }
    }

    /// Puts a picture where the worker reads it; returns the descriptors of memory that it does not know yet.
    private func handOver(_ bytes: PictureBytes, outputCount: Int) throws(DecoderFault) -> [CInt] {
        guard let source = bytes.baseAddress, !bytes.isEmpty else { return [] }
        var fresh: [CInt] = []
        if !(room?.holds(inputCount: bytes.count, outputCount: outputCount) ?? false) {
            room = nil
            let made = try PictureRoom(inputCount: bytes.count, outputCount: outputCount)
            fresh = [made.input.descriptor, made.output.descriptor]
            room = consume made
        }
        if let target = room?.input.base { memcpy(target, source, bytes.count) }
        return fresh
    }
}
