import NIOCore
import NIOPosix

/// Asks for the addresses of a name, once.
struct HostLookup: Sendable {
    /// All addresses, in no order; empty when the name has none.
    let addresses: @Sendable (_ name: String, _ port: Int) async -> [IPAddress]

    /// The system's resolver, which blocks a thread of its own and none of Swift's.
    static let system = HostLookup { name, port in
        // Its random order is put right by whoever chooses; the plain resolver below it is not public.
        let resolver = NIORandomizedDNSResolver(loop: MultiThreadedEventLoopGroup.singleton.next())
        let v6 = resolver.initiateAAAAQuery(host: name, port: port)
        let both = v6.and(resolver.initiateAQuery(host: name, port: port)).map { $0 + $1 }
        let (answers, answer) = AsyncStream<[SocketAddress]>.makeStream()
        both.whenComplete { found in
            answer.yield((try? found.get()) ?? [])
            answer.finish()
        }
        // A stream ends for a caller that is cancelled; the future itself would keep it waiting.
        for await found in answers { return found.compactMap { $0.ipAddress.flatMap { IPAddress($0) } } }
        return []
    }

    /// The addresses of this machine's own interfaces; none when they cannot be read.
    static let ownAddresses: @Sendable () -> Set<IPAddress> = {
        let devices = (try? System.enumerateDevices()) ?? []
        return Set(devices.compactMap { $0.address?.ipAddress.flatMap { IPAddress($0) } })
    }
}
