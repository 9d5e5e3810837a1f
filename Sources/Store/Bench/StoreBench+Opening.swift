public import EdgeCore

extension StoreBench {
    /// Opens a store that ``populate(_:people:templates:)`` made and reads its people; `body` runs while it is open.
    ///
    /// Memory is told rightly only by a process that has done nothing else: whoever measures starts one for this.
    public func opening<Outcome: Sendable>(
        _ name: String, _ body: (EdgeStore) async throws(EdgeError) -> Outcome
    ) async throws(EdgeError) -> (openMs: Double, outcome: Outcome) {
        let clock = FrameClock()
        let began = clock.now
        let store = try await open(name)
        let taken = (clock.now - began).inMilliseconds
        do throws(EdgeError) {
            let outcome = try await body(store)
            await store.close()
            return (taken, outcome)
        } catch {
            await store.close()
            throw error
        }
    }
}
