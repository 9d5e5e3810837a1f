import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// What an operation does with a request that passed every check.
typealias OperationHandler = @Sendable (APICall) async throws -> Response

/// What came of a handler.
struct Handled {
    let answer: Result<Response, any Error>
    /// The user in question by the client's own id.
    let externalUserID: String?

    /// The answer, or what was thrown instead.
    func response() throws -> Response { try answer.get() }
}

extension Result<Response, any Error> {
    /// The status that is sent; `nil` where nobody is there any more to send it to.
    fileprivate var status: HTTPResponse.Status? {
        switch self {
        case .success(let response): response.status
        case .failure(let error): (error as? AnsweredFailure)?.response.status
        }
    }
}

/// A failure whose answer is ready, headers and all.
struct AnsweredFailure: Error {
    let error: any Error
    let response: Response
}

/// Leads a request through the checks of its operation to its handler.
///
/// The order is the order of cost and of what a stranger may learn: who asks, whether they may, how often, what they say.
struct OperationResponder: Sendable {
    let operation: Operation
    let gate: RequestGate
    let handler: OperationHandler

    func respond(to request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let began = gate.recorder.now
        var origin = RequestOrigin(
            address: context.remoteAddress, userAgent: request.headers[.userAgent],
            requestID: context.requestID)
        let stranger = origin
        let admission: Result<RequestGate.Pass, RequestGate.Refusal> = await RequestOrigin.$current.withValue(stranger)
        {
            do throws(RequestGate.Refusal) {
                return .success(try await gate.admit(request, context, to: operation))
            } catch { return .failure(error) }
        }
        let pass: RequestGate.Pass
        switch admission {
        case .success(let admitted): pass = admitted
        case .failure(let refusal):
            let failure = await answered(refusal.error, request, refusal.pass)
            gate.recorder.note(
                operation, by: refusal.pass.caller, from: origin, status: failure.response.status, since: began)
            throw failure
        }
        origin.actor = pass.caller.name
        let outcome = await RequestOrigin.$current.withValue(origin) { await answer(to: request, context, pass) }
        if let status = outcome.status {
            gate.recorder.note(operation, by: pass.caller, from: origin, status: status, since: began)
        }
        return try outcome.get()
    }

    private func answer(
        to request: Request, _ context: EdgeRequestContext, _ pass: RequestGate.Pass
    ) async -> Result<Response, any Error> {
        do { return .success(try await respond(to: request, context, pass)) } catch { return .failure(error) }
    }

    private func respond(
        to request: Request, _ context: EdgeRequestContext, _ pass: RequestGate.Pass
    ) async throws -> Response {
        do {
            var response = try await gate.once(request, pass, operation) { body in
                let call = try await read(request, context, pass.caller, body)
                let user = operation.subject(of: call)
                do {
                    return Handled(answer: .success(try await handler(call)), externalUserID: user)
                } catch {
                    return Handled(answer: .failure(error), externalUserID: user)
                }
            }
            await gate.finish(&response, request, pass, operation)
            return response
        } catch let error as CancellationError {
            throw error
        } catch {
            if let error = (error as? EdgeError) ?? (error as? RequestFailure)?.error, error.code.kind == .forbidden {
                await gate.note(error, pass, operation)
            }
            throw await answered(error, request, pass)
        }
    }

    /// An error with the headers that its answer gets, so that a page may read it and a client sees its limit.
    private func answered(_ error: any Error, _ request: Request, _ pass: RequestGate.Pass) async -> AnsweredFailure {
        var response = ErrorBody.response(to: error)
        await gate.finish(&response, request, pass, operation)
        return AnsweredFailure(error: error, response: response)
    }

    private func read(
        _ request: Request, _ context: EdgeRequestContext, _ caller: Caller, _ bytes: [UInt8]?
    ) async throws -> APICall {
        let path = try pathParameters(context)
        let query = try queryParameters(request)
        var body = Fields()
        if let wanted = operation.body, wanted.isMessage {
            var call = APICall(request: request, context: context, caller: caller, path: path, query: query, body: body)
            call.message = try await gate.bodies.message(of: request)
            return call
        }
        if let wanted = operation.body {
            body = try await gate.bodies.fields(of: request, bytes, as: wanted)
        }
        return APICall(request: request, context: context, caller: caller, path: path, query: query, body: body)
    }

    /// The path's parameters without their percent signs; what cannot name anything is not found.
    private func pathParameters(_ context: EdgeRequestContext) throws(EdgeError) -> [String: String] {
        var values: [String: String] = [:]
        for name in operation.parameterNames {
            guard let raw = context.parameters.get(name), let text = PercentText.decoded(raw), !text.isEmpty else {
                throw EdgeError(.recordUnknown)
            }
            var errors = FieldErrors()
            let schema = operation.parameters[name] ?? .text(1...200)
            guard schema.check(.string(text), name, &errors) != nil else { throw EdgeError(.recordUnknown) }
            values[name] = text
        }
        return values
    }

    private func queryParameters(_ request: Request) throws -> Fields {
        var fields = Fields()
        var errors = FieldErrors()
        let sent = try PercentText.pairs(request.uri.query ?? "")
        for property in operation.query {
            guard let text = sent[property.name] else {
                if property.isRequired { errors.add(property.name, FieldErrors.required) }
                continue
            }
            fields.values[property.name] = property.schema.check(.string(text), property.name, isForm: true, &errors)
        }
        // As in the reference: a page that cannot be is one that is not there.
        if errors.messages.contains(where: { $0.field == "page" }) { throw EdgeError(.requestPage) }
        if operation.saysError, let fault = errors.messages.first {
            let error = EdgeError(.requestInvalid, "\(fault.field): \(fault.text)", field: fault.field)
            throw RequestFailure(error: error, extra: ["error": .string(fault.text)])
        }
        try errors.throwIfAny()
        return fields
    }
}

/// Percent-encoded text of paths and queries.
enum PercentText {
    /// The text; `nil` for a percent sign without two digits behind it and for what is not UTF-8.
    static func decoded(_ raw: String) -> String? {
        var bytes: [UInt8] = []
        var rest = raw.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = digit(rest.popFirst()), let low = digit(rest.popFirst()) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The pairs of a query; the first of two with one name counts.
    ///
    /// Throws `request.malformed`.
    static func pairs(_ query: String) throws(EdgeError) -> [String: String] {
        var values: [String: String] = [:]
        for (name, value) in try URLEncodedForm.parse(Array(query.utf8)) where values[name] == nil {
            guard let text = String(validating: value, as: UTF8.self) else {
                throw EdgeError(.requestMalformed, "The query is not UTF-8.")
            }
            values[name] = text
        }
        return values
    }

    private static func digit(_ byte: UInt8?) -> UInt8? {
        switch byte {
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")): byte.map { $0 - UInt8(ascii: "0") }
        case .some(UInt8(ascii: "a")...UInt8(ascii: "f")): byte.map { $0 - UInt8(ascii: "a") + 10 }
        case .some(UInt8(ascii: "A")...UInt8(ascii: "F")): byte.map { $0 - UInt8(ascii: "A") + 10 }
        default: nil
        }
    }
}
