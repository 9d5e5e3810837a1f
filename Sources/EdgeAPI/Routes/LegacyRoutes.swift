import EdgeCore
import HTTPTypes
import Hummingbird

/// What clients of earlier versions read: enrollments, sessions and ended authentications under old names.
struct LegacyRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.embeddings, embeddings)
        routes.add(Self.embedding, embedding)
        routes.add(Self.sessions, sessions)
        routes.add(Self.session, session)
        routes.add(Self.attempts, attempts)
        routes.add(Self.attempt, attempt)
    }

    private func embeddings(_ call: APICall) async throws -> Response {
        let page = try await services.enrollments.enrollments(of: try call.client().id, page: call.page)
        return .json(try Page.body(page, of: call, EnrollmentBody.embedding))
    }

    private func embedding(_ call: APICall) async throws -> Response {
        let found = try await services.enrollments.enrollment(try call.id(), of: try call.client().id)
        guard let found else { throw EdgeError(.recordUnknown) }
        return .json(EnrollmentBody.embedding(found))
    }

    private func sessions(_ call: APICall) async throws -> Response {
        let page = try await services.catalog.sessions(
            of: try call.client().id, SessionFilter(), page: call.page)
        let people = try await services.people(in: page.items)
        return .json(
            try Page.body(page, of: call) { LegacyBody.session($0, person: people[$0.id], call.origin) })
    }

    private func session(_ call: APICall) async throws -> Response {
        let session = try await services.sessions.session(.id(try call.id()), of: try call.client().id)
        let person = try await services.person(in: session)
        return .json(LegacyBody.session(session, person: person, call.origin))
    }

    private static let ended = SessionFilter(
        states: Set(SessionState.allCases.filter { !$0.isOpen }), kinds: [.verification, .identification])

    private func attempts(_ call: APICall) async throws -> Response {
        let page = try await services.catalog.sessions(of: try call.client().id, Self.ended, page: call.page)
        return .json(try Page.body(page, of: call, LegacyBody.attempt))
    }

    private func attempt(_ call: APICall) async throws -> Response {
        let session = try await services.sessions.session(.id(try call.id()), of: try call.client().id)
        guard session.kind != .enrollment, !session.state.isOpen else { throw EdgeError(.recordUnknown) }
        return .json(LegacyBody.attempt(session))
    }
}

extension LegacyRoutes {
    private static func many(_ noun: String, _ item: String, _ summary: String) -> Operation {
        Operation(
            .get, "/api/recognition/\(noun)", id: "recognition_\(noun)_list", tag: .legacy, summary, access: .tenant,
            answers: [.page(of: item)]
        ).asks(.page).with { $0.isDeprecated = true }
    }

    private static func one(_ noun: String, _ item: String, _ summary: String) -> Operation {
        Operation(
            .get, "/api/recognition/\(noun)/{id}", id: "recognition_\(noun)_retrieve", tag: .legacy, summary,
            access: .tenant, answers: [.ok(.component(item))]
        ).ofUUID().with { $0.isDeprecated = true }
    }

    static let embeddings = many("embeddings", "LegacyEmbedding", "Enrollments; use /api/auth/enrollments/")
    static let embedding = one("embeddings", "LegacyEmbedding", "An enrollment; use /api/auth/enrollments/")
    static let sessions = many("sessions", "LegacySession", "Sessions; use /api/auth/sessions/")
    static let session = one("sessions", "LegacySession", "A session; use /api/auth/sessions/")
    static let attempts = many("attempts", "LegacyAttempt", "Ended authentications; use /api/auth/sessions/")
    static let attempt = one("attempts", "LegacyAttempt", "An ended authentication; use /api/auth/sessions/")
}
