import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The administrator's commands; served on the Unix socket only.
struct ControlRoutes: Sendable {
    let control: any LocalControl
    let body: BodyReader
    let technicians: TechnicianDesk

    func add(to routes: inout RouteBuilder) {
        routes.open(.post, "/control/:command", handler: run)
    }

    @Sendable private func run(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        guard let command = context.parameters.get("command") else { throw EdgeError(.requestNotFound) }
        var arguments = try await body.bytes(of: request)
        if arguments.isEmpty { arguments = Array("{}".utf8) }
        do throws(EdgeError) {
            if command == TechnicianDesk.command { return .json(try await technicians.issue(arguments)) }
            return .json(try await control.run(command: command, argumentsJSON: arguments))
        } catch {
            // The command line shows the remedy beside the error.
            throw RequestFailure(error: error, extra: ["remedy": .string(error.code.remedy)])
        }
    }
}

/// Gives whoever is on the device itself a token that reads how the device is, for a short time.
struct TechnicianDesk: Sendable {
    /// The control socket's command.
    static let command = "tokens.technician"
    /// How long a token may be good, minutes.
    static let minutes = 1...60
    static let standardMinutes = 15

    let issuer: TokenIssuer
    let audit: any AuditTrail
    let clock: any EdgeClock

    /// The token and when it ends, for `{"minutes": 15}`.
    ///
    /// Recorded before it is given. Throws `request.invalid`, `request.malformed`, store errors.
    func issue(_ argumentsJSON: [UInt8]) async throws(EdgeError) -> JSONObject {
        let wanted = try Self.wantedMinutes(argumentsJSON)
        guard let minutes = wanted, Self.minutes.contains(minutes) else {
            try await note(succeeded: false, minutes: wanted)
            throw EdgeError(
                .requestInvalid,
                "A technician's token is good for \(Self.minutes.lowerBound) to \(Self.minutes.upperBound) minutes.",
                field: "minutes")
        }
        let token = try await issuer.issueTechnician(lifetime: .seconds(minutes * 60))
        try await note(succeeded: true, minutes: minutes)
        return [
            "token": .string(token.text), "token_type": "Bearer", "scope": .string(ClientScope.technician.rawValue),
            "expires_at": .date(token.expiresAt),
        ]
    }

    private static func wantedMinutes(_ json: [UInt8]) throws(EdgeError) -> Int? {
        guard let arguments = try JSONValue.parse(json).objectValue else { throw EdgeError(.requestMalformed) }
        switch arguments["minutes"] {
        case .integer(let number): return Int(exactly: number)
        case .null, nil: return standardMinutes
        default: return nil
        }
    }

    private func note(succeeded: Bool, minutes: Int?) async throws(EdgeError) {
        let details = JSONValue.object(["minutes": minutes.map { .integer(Int64($0)) } ?? .null])
        try await audit.append(
            AuditRecord(
                action: "technician.token", succeeded: succeeded,
                reason: succeeded ? nil : ErrorCode.requestInvalid.rawValue,
                detailsJSON: String(decoding: details.bytes, as: UTF8.self), at: clock.wall))
    }
}
