import CSharedMemory
import EdgeCore
import Glibc

/// A connected socket of whole messages, and descriptors with them.
struct MessageSocket: ~Copyable {
    private let descriptor: CInt

    /// Takes a connected socket over.
    init(taking descriptor: CInt) { self.descriptor = descriptor }

    /// Connects to whoever listens there, without waiting; the descriptor is the caller's.
    static func connect(to path: String) throws(DecoderFault) -> CInt {
        let descriptor = csm_connect(path)
        guard descriptor >= 0 else { throw .unreachable(-descriptor) }
        return descriptor
    }

    /// Two that are connected with each other; the descriptors are the caller's.
    static func pair() throws(DecoderFault) -> (CInt, CInt) {
        var sockets: [CInt] = [-1, -1]
        let status = csm_pair(&sockets)
        guard status == 0 else { throw .noRoom(-status) }
        return (sockets[0], sockets[1])
    }

    deinit { close(descriptor) }

    /// Sends one message; `false` when that is not possible in time.
    borrowing func send(_ bytes: [UInt8], _ descriptors: [CInt] = [], within limit: Duration) -> Bool {
        csm_send(descriptor, bytes, bytes.count, descriptors, descriptors.count, limit.wholeMilliseconds) == 0
    }

    /// How receiving ended.
    enum Received: Equatable {
        case message([UInt8], [CInt])
        case late
        case gone
        /// It was too long, or had more descriptors than anybody asked for; they are closed.
        case unfit
    }

    /// Waits for one message of at most `most` bytes and so many descriptors, which are the caller's to close; `nil` waits for ever.
    borrowing func receive(atMost most: Int, descriptors: Int = 0, within limit: Duration?) -> Received {
        var handed = [CInt](repeating: -1, count: descriptors)
        var found = 0
        var status: Int64 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
            status = csm_receive(
                descriptor, buffer.baseAddress, most, &handed, descriptors, &found, limit?.wholeMilliseconds ?? -1)
            initialized = max(Int(status), 0)
        }
        if status > 0 { return .message(bytes, Array(handed.prefix(found))) }
        // An empty message looks like an end, and is as little use; it may have come with descriptors.
        for descriptor in handed.prefix(found) { close(descriptor) }
        return status == -Int64(ETIMEDOUT) ? .late : status == -Int64(EPROTO) ? .unfit : .gone
    }
}

extension Duration {
    /// Rounded up, so that it is never no time at all.
    fileprivate var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 + 1
    }
}
