import CSharedMemory
public import EdgeCore
import Glibc
import Synchronization

/// The other side of ``IsolatedImageDecoder``: decodes what is handed over, and knows nothing else.
///
/// It has a thread for each connection, and a process of its own. One that never comes to an end with a picture ends the
/// process: whoever started it starts it anew.
public final class DecoderWorker: Sendable {
    /// More connections are closed at once; a daemon has one for each thread that decodes, and the unit has threads for so many.
    private static let mostConnections = 256

    private let limits: ImageLimits
    /// When each connection began with the picture that it is at.
    private let busy = Mutex<[CInt: FrameClock.Instant]>([:])
    private let open = Atomic(0)

    /// Prepares a worker.
    public convenience init() { self.init(limits: ImageLimits()) }

    init(limits: ImageLimits) { self.limits = limits }

    /// Serves whoever connects to a listening socket, on the calling thread and others, for ever.
    ///
    /// Throws `internal.fault` when the socket can be used no longer, or when a picture takes for ever.
    public func serve(listening descriptor: CInt) throws(EdgeError) -> Never {
        while true {
            try checkPace()
            var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Only while somebody is connected there is something to look at.
            guard poll(&wanted, 1, open.load(ordering: .relaxed) > 0 ? 1000 : -1) > 0 else { continue }
            let connection = csm_accept(descriptor)
            guard connection >= 0 else {
                guard [EAGAIN, EINTR, ECONNABORTED].contains(-connection) else {
                    throw EdgeError(.internalFault, "No connection can be taken (errno \(-connection)).")
                }
                continue
            }
            start(connection)
        }
    }

    /// Serves one connection, which is taken over, until the other side goes.
    public func serve(connected descriptor: CInt) {
        open.add(1, ordering: .relaxed)
        defer { open.subtract(1, ordering: .relaxed) }
        let socket = MessageSocket(taking: descriptor)
        var desk = DecoderDesk(limits)
        while case .message(let bytes, let handed) = socket.receive(
            atMost: DecodeRequest.length, descriptors: 2, within: nil)
        {
            busy.withLock { $0[descriptor] = FrameClock().now }
            let answer = desk.answer(bytes, handed)
            busy.withLock { $0[descriptor] = nil }
            // Who says what no daemon says is not answered.
            guard let answer, socket.send(answer.bytes, within: .seconds(2)) else { return }
        }
    }

    private func checkPace() throws(EdgeError) {
        let now = FrameClock().now
        let isHopeless = busy.withLock { busy in
            busy.values.contains { $0.duration(to: now) > DecoderPatience.hopeless }
        }
        if isHopeless { throw EdgeError(.internalFault, "A picture takes for ever.") }
    }

    private func start(_ connection: CInt) {
        guard open.load(ordering: .relaxed) < Self.mostConnections else {
            close(connection)
            return
        }
        let start = ConnectionStart(worker: self, connection: connection)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<ConnectionStart>.fromOpaque(context).takeRetainedValue()
                start.worker.serve(connected: start.connection)
                return nil
            }, context.toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            context.release()
            close(connection)
        }
    }
}

/// What a new thread is given.
private final class ConnectionStart: Sendable {
    let worker: DecoderWorker
    let connection: CInt

    init(worker: DecoderWorker, connection: CInt) {
        self.worker = worker
        self.connection = connection
    }
}

/// One connection's memory, and what is done in it.
struct DecoderDesk: ~Copyable {
    /// The most bytes of a picture file and of pixels that are mapped, rounded up as ``RoomRule`` does.
    private let mostInput: Int
    private let mostOutput: Int
    private let limits: ImageLimits
    private var room: PictureRoom?

    init(_ limits: ImageLimits) {
        self.limits = limits
        mostInput = RoomRule.size(for: limits.maximumBytes, least: 1)
        mostOutput = RoomRule.size(for: 3 * limits.maximumPixels, least: 1)
    }

    /// Does as a message says; `nil` for one that no daemon sends.
    ///
    /// The descriptors are closed.
    mutating func answer(_ bytes: [UInt8], _ handed: [CInt]) -> DecodeAnswer? {
        defer { for descriptor in handed { close(descriptor) } }
        guard let request = DecodeRequest(bytes) else { return nil }
        if !handed.isEmpty {
            // The old room first: both together may be more than there is.
            room = nil
            guard handed.count == 2,
                let input = SharedMemory(handed[0], atMost: mostInput, forWriting: false),
                let output = SharedMemory(handed[1], atMost: mostOutput, forWriting: true)
            else { return nil }
            room = PictureRoom(input: input, output: output)
        }
        guard request.work != .greeting else { return DecodeAnswer(to: request, .done) }
        guard room?.holds(inputCount: request.count, outputCount: request.outputCount) ?? false,
            let input = room?.input.base, let output = room?.output.base
        else { return nil }
        let picture = PictureBytes(start: input, count: request.count)
        do throws(EdgeError) {
            try Self.decode(request, picture, limits, output)
            return DecodeAnswer(to: request, .done)
        } catch {
            return DecodeAnswer(to: request, DecodeAnswer.Outcome(error))
        }
    }

    private static func decode(
        _ request: DecodeRequest, _ picture: PictureBytes, _ limits: ImageLimits,
        _ output: UnsafeMutablePointer<UInt8>
    ) throws(EdgeError) {
        switch request.work {
        case .pixels:
            let form = EncodedImage(encoding: request.encoding, width: 0, height: 0, bytes: [])
            let work = try PictureWork(form, picture, limits, request.scale)
            // The daemon has read the same header, and made room for that.
            guard work.size == request.size else { throw EdgeError(.imageCorrupt) }
            try work.fill(output)
        case .grey:
            let decompressor = try TurboDecompressor()
            guard try decompressor.tinySize(picture) == request.size else { throw EdgeError(.imageCorrupt) }
            try decompressor.tinyGrey(picture, request.size, output)
        case .greeting: break
        }
    }
}
