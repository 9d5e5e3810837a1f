import EdgeCore
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// The key of the device's certificate as NIOSSL asks for it: it signs, and is never seen.
final class HandshakeKey: NIOSSLCustomPrivateKey, Hashable {
    private let identity: any LinkIdentity
    private let faults: HandshakeFaults

    init(_ identity: any LinkIdentity, faults: HandshakeFaults) {
        self.identity = identity
        self.faults = faults
    }

    var signatureAlgorithms: [SignatureAlgorithm] { [.ecdsaSecp256R1Sha256] }

    func sign(
        channel: any Channel, algorithm: SignatureAlgorithm, data: ByteBuffer
    ) -> EventLoopFuture<ByteBuffer> {
        let (identity, faults) = (identity, faults)
        // A TPM takes its time, and a file blocks too.
        return NIOThreadPool.singleton.runIfActive(eventLoop: channel.eventLoop) {
            do throws(EdgeError) {
                return ByteBuffer(bytes: try identity.sign(Array(buffer: data)))
            } catch {
                faults.note(error)
                throw error
            }
        }
    }

    /// Only RSA keys are asked for this.
    func decrypt(channel: any Channel, data: ByteBuffer) -> EventLoopFuture<ByteBuffer> {
        channel.eventLoop.makeFailedFuture(EdgeError(.certificateKey))
    }

    static func == (left: HandshakeKey, right: HandshakeKey) -> Bool { left === right }

    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Why the last handshake could not be signed, until somebody asks.
final class HandshakeFaults: Sendable {
    private let last = Mutex<EdgeError?>(nil)

    func note(_ error: EdgeError) { last.withLock { $0 = error } }

    func take() -> EdgeError? {
        last.withLock { last in
            defer { last = nil }
            return last
        }
    }
}
