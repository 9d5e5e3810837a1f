import EdgeCore
import HTTPTypes
import Hummingbird
import NIOCore

/// Tells the ledger what each connection does: its request arrives, it is being answered, it has its answer.
struct LedgerResponder<Routes: HTTPResponder>: HTTPResponder where Routes.Context == EdgeRequestContext {
    let routes: Routes
    let ledger: ConnectionLedger

    func respond(to request: Request, context: EdgeRequestContext) async throws -> Response {
        guard let channel = context.channel else { return try await routes.respond(to: request, context: context) }
        var request = request
        let hasBody =
            request.headers[.transferEncoding] != nil || (request.headers[.contentLength] ?? "0") != "0"
        if hasBody {
            ledger.note(.asking, channel)
            request.body = RequestBody(
                asyncSequence: WatchedBody(base: request.body) { ledger.note(.answered, channel) })
        } else {
            ledger.note(.answered, channel)
        }
        do {
            var response = try await routes.respond(to: request, context: context)
            let body = response.body
            ledger.note(body.contentLength == nil ? .answered : .writing, channel)
            response.body = ResponseBody(contentLength: body.contentLength) { writer in
                defer { ledger.note(.silent, channel) }
                try await body.write(writer)
            }
            return response
        } catch {
            ledger.note(.silent, channel)
            throw error
        }
    }
}

/// A request's body that says when it has arrived.
private struct WatchedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == ByteBuffer {
    let base: Base
    let atEnd: @Sendable () -> Void

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: Base.AsyncIterator
        let atEnd: @Sendable () -> Void

        mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await base.next() else {
                atEnd()
                return nil
            }
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator(), atEnd: atEnd) }
}
