import AsyncHTTPClient
import NIOCore
import SyncCore
import Synchronization

/// A client of the HTTP library and what it was made of.
final class HeldClient: Sendable {
    let client: HTTPClient
    let ingredients: LinkWay.Ingredients
    private let uses = Mutex((count: 0, isRetired: false))

    init(client: HTTPClient, ingredients: LinkWay.Ingredients) {
        self.client = client
        self.ingredients = ingredients
    }

    /// False for one that is to be used no more.
    fileprivate func take() -> Bool {
        uses.withLock { uses in
            if !uses.isRetired { uses.count += 1 }
            return !uses.isRetired
        }
    }

    fileprivate func giveBack() {
        let isLast = uses.withLock { uses in
            uses.count -= 1
            return uses.isRetired && uses.count == 0
        }
        if isLast { end() }
    }

    /// Ends with the last question that it bears.
    fileprivate func retire() {
        let isIdle = uses.withLock { uses in
            defer { uses.isRetired = true }
            return !uses.isRetired && uses.count == 0
        }
        if isIdle { end() }
    }

    /// Nobody waits for it: its connections are idle, and end by themselves.
    private func end() { client.shutdown().whenComplete { _ in } }
}

/// Holds one client at a time, and makes another one when that is in doubt and would be made of something else.
final class ClientHolder: Sendable {
    typealias Make = @Sendable (LinkWay.Ingredients?) async throws(SyncRefusal) -> HeldClient?

    private struct State {
        var held: HeldClient?
        var isInDoubt = false
        var isClosed = false
    }

    private let make: Make
    private let state = Mutex(State())

    init(make: @escaping Make) { self.make = make }

    /// A client for one question, which is given back.
    func take() async throws(SyncRefusal) -> HeldClient {
        while true {
            let (held, isInDoubt, isClosed) = state.withLock { ($0.held, $0.isInDoubt, $0.isClosed) }
            guard !isClosed else { throw .unreachable("The link to central is closed.") }
            if let held, !isInDoubt, held.take() { return held }
            settle(try await make(held?.ingredients), after: held)
        }
    }

    func giveBack(_ held: HeldClient) { held.giveBack() }

    /// The next question looks whether a client would be made of something else by now.
    func doubt(_ held: HeldClient) {
        state.withLock { if $0.held === held { $0.isInDoubt = true } }
    }

    /// The same, whichever client is held.
    func doubt() { state.withLock { if $0.held != nil { $0.isInDoubt = true } } }

    func close() async {
        let held = state.withLock { state in
            defer { (state.held, state.isClosed) = (nil, true) }
            return state.held
        }
        try? await held?.client.shutdown()
    }

    /// Puts a new client in the place of the one before it; `nil` means that that one does.
    private func settle(_ fresh: HeldClient?, after last: HeldClient?) {
        let leaving = state.withLock { state -> HeldClient? in
            // Somebody else was faster, or the link is closed.
            guard state.held === last, !state.isClosed else { return fresh }
            state.isInDoubt = false
            guard let fresh else { return nil }
            defer { state.held = fresh }
            return state.held
        }
        leaving?.retire()
    }
}
