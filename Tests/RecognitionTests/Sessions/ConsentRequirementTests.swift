import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Consent before an enrollment")
struct ConsentRequirementTests {
    private func request(_ house: ServiceHarness, _ kind: SessionKind, _ consent: ConsentRecord?) -> SessionRequest {
        SessionRequest(client: house.client, kind: kind, externalUserID: "user-7", consent: consent)
    }

    @Test("where it is required nobody is enrolled without, and recognition needs none")
    func required() async throws {
        let house = try await ServiceHarness { $0.requiresConsent = true }
        let refused = await #expect(throws: EdgeError.self) {
            try await house.service.open(request(house, .enrollment, nil))
        }
        #expect(refused?.code == .consentRequired && refused?.field == "consent")
        #expect(await house.service.openSessions == 0)
        let consent = ConsentRecord(textVersion: "7")
        let opened = try await house.service.open(request(house, .enrollment, consent))
        #expect(opened.consent == consent)
        #expect(try await house.service.open(request(house, .verification, nil)).consent == nil)
    }

    @Test("where it is not required it is taken all the same, and one that is no consent is refused")
    func optional() async throws {
        let house = try await ServiceHarness()
        #expect(try await house.service.open(request(house, .enrollment, nil)).consent == nil)
        for bad in [
            ConsentRecord(textVersion: ""), ConsentRecord(textVersion: String(repeating: "x", count: 101)),
            ConsentRecord(textVersion: "7", textSHA256: "abc"),
            ConsentRecord(textVersion: "7", givenBy: String(repeating: "x", count: 201)),
        ] {
            let refused = await #expect(throws: EdgeError.self) {
                try await house.service.open(request(house, .enrollment, bad))
            }
            #expect(refused?.code == .requestInvalid && refused?.field == "consent")
        }
    }

    @Test("a rule that changes holds for who comes from then on, and open sessions go on")
    func changed() async throws {
        let house = try await ServiceHarness()
        _ = try await house.service.open(request(house, .enrollment, nil))
        var rules = await house.service.configuration
        rules.requiresConsent = true
        await house.service.reconfigure(rules)
        let refused = await #expect(throws: EdgeError.self) {
            try await house.service.open(request(house, .enrollment, nil))
        }
        #expect(refused?.code == .consentRequired)
        #expect(await house.service.openSessions == 1)
    }
}
