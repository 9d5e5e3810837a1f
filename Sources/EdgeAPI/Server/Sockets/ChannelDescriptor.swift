import NIOCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

extension Channel {
    /// Lends the socket beneath; `nil` where there is none.
    func lendDescriptor<Outcome: Sendable>(
        _ body: @escaping @Sendable (CInt) -> Outcome
    ) async throws -> Outcome? {
        try await eventLoop.submit {
            try self.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self, body)
        }.get()
    }

    /// How many may wait to be accepted.
    func setBacklog(_ places: CInt) async throws {
        _ = try await lendDescriptor { listen($0, places) }
    }
}
