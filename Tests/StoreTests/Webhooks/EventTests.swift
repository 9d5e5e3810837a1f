import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Events are recorded with what caused them")
struct EventTests {
    @Test("an enrollment that completes is told as completed and as a user enrolled, one delivery each")
    func enrollment() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint()
        try await fixture.base.enroll("E-1", of: fixture.client, in: fixture.store)
        #expect(try await fixture.names() == ["session.created", "enrollment.completed", "user.enrolled"])
        let deliveries = try await fixture.deliveries()
        #expect(deliveries.map(\.eventName) == ["session.created", "enrollment.completed", "user.enrolled"])
        #expect(deliveries.allSatisfy { $0.status == .pending && $0.endpoint == endpoint })
        #expect(try await fixture.store.webhookEndpoint(endpoint, of: fixture.client).totalDeliveries == 3)
        let data = try #require(deliveries[1].dataJSON).utf8
        let facts = try #require(JSONSerialization.jsonObject(with: Data(data)) as? [String: Any])
        #expect(facts["user_id"] as? String == "E-1")
        #expect((facts["enrollment_data"] as? [String: Any])?["total_samples"] as? Int == 3)
    }

    @Test("an outcome that fails at any step leaves no event and no delivery")
    func atomic() async throws {
        let base = try StoreFixture()
        let vault = FailingVault(base.vault)
        let store = try await base.open(sealer: vault, secrets: vault, webhooks: WebhookLimits())
        let client = try await store.createClient(name: "kiosk").client.id
        _ = try await store.createWebhookEndpoint(WebhookEndpointDraft(name: "a", url: "https://a.example"), of: client)
        let session = base.session(.enrollment, of: client)
        try await store.begin(session)
        var failures = 0
        while true {
            vault.fail(after: failures)
            do {
                _ = try await store.finish(base.outcome(session))
                break
            } catch {
                failures += 1
                vault.fail(after: nil)
                let events = try await store.webhookEvents(of: client, name: nil, PageRequest()).items.map(\.name)
                #expect(events == ["session.created"])
                #expect(try await store.webhookDeliveries(of: client, PageRequest()).total == 1)
            }
        }
        vault.fail(after: nil)
        // A person, a key and three templates, a line of the chain, then two events with a key and data each.
        #expect(failures >= 12)
        #expect(try await store.webhookDeliveries(of: client, PageRequest()).total == 3)
    }

    @Test("a wrong face is told without a similarity, and as lifeless only when that was the cause")
    func failures() async throws {
        let fixture = try await WebhookFixture()
        for cause in [FailureCause.noMatch, .livenessFailed, .spoofing] {
            let session = fixture.base.session(.verification, of: fixture.client)
            try await fixture.store.begin(session)
            var outcome = fixture.base.miss(session)
            var ended = outcome.session
            ended.cause = cause
            ended.similarityScore = 0.31
            outcome = SessionOutcome(session: ended)
            _ = try await fixture.store.finish(outcome)
        }
        #expect(
            try await fixture.names().filter { $0 != "session.created" && $0 != "security.alert" } == [
                "authentication.failed", "authentication.failed", "liveness.failed", "authentication.failed",
                "liveness.failed", "spoofing.detected",
            ])
        let failed = try await fixture.store.webhookEvents(
            of: fixture.client, name: "authentication.failed", PageRequest())
        #expect(failed.total == 3)
        #expect(failed.items.allSatisfy { $0.dataJSON?.contains(#""similarity_score":null"#) == true })
        #expect(failed.items.first?.dataJSON?.contains(#""failure_reason":"spoofing_detected""#) == true)
    }

    @Test("an expired session is told as such, and so is a cancelled one")
    func endings() async throws {
        let fixture = try await WebhookFixture()
        for state in [SessionState.expired, .cancelled] {
            let session = fixture.base.session(.identification, of: fixture.client, user: nil)
            try await fixture.store.begin(session)
            var ended = session
            ended.state = state
            ended.completedAt = fixture.clock.wall
            _ = try await fixture.store.finish(SessionOutcome(session: ended))
        }
        let names = try await fixture.names().filter { $0 != "session.created" }
        #expect(names == ["session.expired", "session.cancelled"])
    }

    @Test("what is done to users and credentials is told, and a user's data are forgotten under the newer name too")
    func administration() async throws {
        let fixture = try await WebhookFixture()
        let (store, client) = (fixture.store, fixture.client)
        let miss = fixture.base.session(.verification, of: client, user: "E-1")
        try await store.begin(miss)
        _ = try await store.finish(fixture.base.miss(miss))
        let person = try await store.createPerson(PersonDraft(externalID: "E-1"), of: client)
        var edit = PersonEdit()
        edit.isActive = false
        _ = try await store.changePerson(person.id, of: client, edit)
        edit.isActive = true
        edit.externalID = "E-2"
        _ = try await store.changePerson(person.id, of: client, edit)
        let open = fixture.base.session(.enrollment, of: client, user: "E-2")
        try await store.begin(open)
        _ = try await store.removePerson(person.id, of: client)
        _ = try await store.resetSecrets([.apiSecret], of: client)
        let names = try await fixture.names().filter { $0 != "security.alert" }
        #expect(
            names == [
                "session.created", "authentication.failed", "user.created", "user.deactivated", "user.updated",
                "user.activated", "session.created", "session.cancelled", "user.deleted", "client.credentials.reset",
            ])
        let told = try await store.webhookEvents(of: client, name: nil, PageRequest()).items.compactMap(\.dataJSON)
        #expect(told.allSatisfy { !$0.contains("E-1") && !$0.contains("E-2") })
    }

    @Test("a restart tells of the sessions that it ends")
    func restart() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.store.begin(fixture.base.session(.identification, of: fixture.client, user: nil))
        _ = try await fixture.store.cancelOpenSessions(at: fixture.clock.wall)
        #expect(try await fixture.names() == ["session.created", "session.cancelled"])
    }

    @Test("whatever is emitted has the members that the catalogue promises, and no others")
    func catalogue() async throws {
        let fixture = try await WebhookFixture()
        let person = PersonID()
        var session = fixture.base.session(.verification, of: fixture.client)
        session.matchedPerson = MatchedPerson(id: person, externalID: "E-1")
        var enrollment = fixture.base.session(.enrollment, of: fixture.client)
        var happenings: [Happening] = [
            .sessionOpened(session), .sessionOpened(enrollment), .sessionCutOff(session.id, .identification),
            .userCreated(person, externalID: "ü\"\n"), .userUpdated(person, externalID: "E"),
            .userActivated(person, externalID: "E"), .userDeactivated(person, externalID: "E"),
            .personRemoved(person), .endpointDisabled(EndpointID(), name: "hook \\"),
            .securityNoted(
                SecurityEventID(), type: "spoofing_attempt", severity: "high", session: session.id, person: nil),
            .credentialsReset(apiKey: true, apiSecret: false, webhookSecret: true),
        ]
        for state in [SessionState.completed, .failed, .expired, .cancelled] {
            (session.state, session.cause) = (state, .spoofing)
            (enrollment.state, enrollment.cause, enrollment.livenessScore) = (state, .duplicate, 0.75)
            happenings += [.sessionEnded(session, person: person), .sessionEnded(enrollment, person: person)]
        }
        for happening in happenings { try await fixture.happen(happening) }
        var seen: Set<String> = []
        var page = 1
        while true {
            let events = try await fixture.store.webhookEvents(of: fixture.client, name: nil, PageRequest(page))
            if events.items.isEmpty { break }
            for event in events.items {
                let kind = try #require(WebhookEventKind(name: event.name))
                let data = try JSONSerialization.jsonObject(with: Data(try #require(event.dataJSON).utf8))
                #expect(faults(of: data, kind.payload).isEmpty, "\(event.name): \(faults(of: data, kind.payload))")
                seen.insert(event.name)
            }
            page += 1
        }
        #expect(seen == Set(WebhookEventKind.allCases.map(\.rawValue)))
    }

    private func faults(of value: Any, _ fields: [PayloadField]) -> [String] {
        guard let members = value as? [String: Any] else { return ["not an object"] }
        var faults = Set(members.keys).symmetricDifference(fields.map(\.name)).sorted()
        for field in fields {
            guard let member = members[field.name] else { continue }
            if member is NSNull {
                if !field.isNullable { faults.append("\(field.name) is null") }
                continue
            }
            let isRight =
                switch field.kind {
                case .text: member is String
                case .uuid: (member as? String).flatMap { UUID(uuidString: $0) } != nil
                case .time: (member as? String).flatMap { try? Date($0, strategy: .iso8601) } != nil
                case .integer: member is Int
                case .number: member is Double
                case .flag: member is Bool
                case .object(let fields): self.faults(of: member, fields).isEmpty
                }
            if !isRight { faults.append("\(field.name) is not \(field.kind)") }
        }
        return faults
    }
}
