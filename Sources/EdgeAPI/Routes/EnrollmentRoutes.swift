import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// Enrollments as resources.
struct EnrollmentRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list, list)
        routes.add(Self.create, create)
        routes.add(Self.retrieve, retrieve)
        routes.add(Self.update, change)
        routes.add(Self.partialUpdate, change)
        routes.add(Self.destroy, remove)
    }

    private func list(_ call: APICall) async throws -> Response {
        let page = try await services.enrollments.enrollments(of: try call.client().id, page: call.page)
        return .json(try Page.body(page, of: call, EnrollmentBody.enrollment))
    }

    private func retrieve(_ call: APICall) async throws -> Response {
        .json(EnrollmentBody.enrollment(try await enrollment(call)))
    }

    /// Opens a real session for the user: an enrollment is made of frames, not of words.
    private func create(_ call: APICall) async throws -> Response {
        let client = try call.client().id
        let person = try await services.people.person(
            named: try call.body.requiredText("client_user"), of: client)
        guard let person, person.isActive else {
            throw EdgeError(.personUnknown, "User not found or inactive.", field: "client_user")
        }
        let samples = call.body.integer("total_samples").map { max($0, 3) }
        let session = try await services.sessions.open(
            SessionRequest(
                client: client, kind: .enrollment, externalUserID: person.externalID, sessionType: "api",
                targetSamples: samples, metadataJSON: try metadata(call) ?? "{}",
                consent: ConsentBody.consent(call.body)))
        guard let id = session.enrollmentID, let token = session.token else { throw EdgeError(.internalFault) }
        let record = try await begun(id, of: client, until: call.body.date("expires_at"))
        var body = EnrollmentBody.enrollment(record)
        body.merge([
            "session_token": .string(token.rawValue), "target_samples": .integer(Int64(session.targetFrames)),
            "message": "Enrollment session created. Stream frames to continue.",
            "websocket_url": .string(call.webSocketOrigin + "/ws/auth/process-image/\(token.rawValue)/"),
        ])
        return .json(body, status: .created)
    }

    private func begun(
        _ id: EnrollmentID, of client: ClientID, until end: Date?
    ) async throws(EdgeError) -> EnrollmentRecord {
        guard let end else {
            guard let record = try await services.enrollments.enrollment(id, of: client) else {
                throw EdgeError(.enrollmentUnknown)
            }
            return record
        }
        var edit = EnrollmentEdit()
        edit.expiresAt = .some(end)
        return try await services.enrollments.changeEnrollment(id, of: client, edit).enrollment
    }

    private func change(_ call: APICall) async throws -> Response {
        let present = try await enrollment(call)
        if let user = call.body.text("client_user"), !present.belongs(to: user) {
            throw EdgeError(.enrollmentState, "An enrollment stays with its user.", field: "client_user")
        }
        var edit = EnrollmentEdit()
        edit.status = call.body.text("status").flatMap(EnrollmentStatus.init(rawValue:))
        edit.metadataJSON = try metadata(call)
        if call.body.has("expires_at") { edit.expiresAt = .some(call.body.date("expires_at")) }
        let change = try await services.enrollments.changeEnrollment(present.id, of: present.client, edit)
        await services.follow(change.effect, of: change.enrollment.client)
        return .json(EnrollmentBody.enrollment(change.enrollment))
    }

    private func remove(_ call: APICall) async throws -> Response {
        let present = try await enrollment(call)
        if present.status == .pending { try await cancel(present) }
        let effect = try await services.enrollments.removeEnrollment(present.id, of: present.client)
        await services.follow(effect, of: present.client)
        return Response(status: .noContent)
    }

    /// Who watches the session hears of its end; one that ended meanwhile needs none.
    private func cancel(_ enrollment: EnrollmentRecord) async throws(EdgeError) {
        do throws(EdgeError) {
            _ = try await services.sessions.cancel(.id(enrollment.session), of: enrollment.client)
        } catch {
            guard error.code.kind == .gone || error.code.kind == .notFound else { throw error }
        }
    }

    private func enrollment(_ call: APICall) async throws(EdgeError) -> EnrollmentRecord {
        let id: EnrollmentID = try call.id(orElse: .enrollmentUnknown)
        guard let found = try await services.enrollments.enrollment(id, of: try call.client().id) else {
            throw EdgeError(.enrollmentUnknown)
        }
        return found
    }

    private func metadata(_ call: APICall) throws(EdgeError) -> String? {
        guard let text = call.body.objectText("metadata") else { return nil }
        guard text.utf8.count <= SessionRoutes.maximumMetadataBytes else {
            throw EdgeError(
                .requestTooLarge, "metadata is larger than \(SessionRoutes.maximumMetadataBytes) bytes.",
                field: "metadata")
        }
        return text
    }
}

extension EnrollmentRecord {
    /// Whether `text` names the enrollment's user, by our id or by the client's own.
    fileprivate func belongs(to text: String) -> Bool {
        if let person, PersonID(text) == person.id { return true }
        return [person?.externalID, claimedID].contains { $0?.utf8.elementsEqual(text.utf8) ?? false }
    }
}
