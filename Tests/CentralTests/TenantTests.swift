import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("The clients of the tenants", .onEachStorage)
struct TenantTests {
    let fleet: Fleet
    let desk: FleetDesk
    let first: TestDevice
    let second: TestDevice
    let tenant = UUID()

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
        first = try TestDevice()
        second = try TestDevice()
        try await first.join(desk)
        try await second.join(desk)
    }

    private func client(_ version: Int64 = 1, key: String = "1", status: String = "active") -> FleetClient {
        FleetClient(
            version: version, publicID: "FR_1", name: "canary shop", scope: "kiosk", status: status, tier: "basic",
            features: "{}", perHour: 1, perDay: 2, createdAt: 3,
            keyVerifier: String(repeating: key, count: 64), secretVerifier: String(repeating: "5", count: 64))
    }

    @discardableResult
    private func say(_ client: FleetClient, of tenant: UUID? = nil, at device: TestDevice) async throws -> [String] {
        let text = String(decoding: try JSONEncoder().encode(client), as: UTF8.self)
        let place = Int(
            try device.append(RecordKind.client, text, to: .control, tenant: tenant ?? self.tenant))
        return try await device.push(.control, place...place, to: desk).refused.map(\.reason)
    }

    private func remove(_ tenant: UUID? = nil, at device: TestDevice) async throws -> [String] {
        let place = Int(
            try device.append(RecordKind.clientErased, "{}", to: .control, tenant: tenant ?? self.tenant))
        return try await device.push(.control, place...place, to: desk).refused.map(\.reason)
    }

    /// What a device is told of the tenant that has `digest`.
    private func told(_ device: TestDevice, having digest: String = "") async throws -> (FleetTenant?, String?) {
        var request = device.pullRequest()
        request.tenants = digest
        let answer = try await desk.pull(request, of: device.id)
        return (answer.tenants.first { $0.id == tenant }, answer.tenantsDigest)
    }

    @Test("a client is told to every device with the scope, once, and stands nowhere plain on central's disk")
    func told() async throws {
        #expect(try await say(client(), at: first).isEmpty)
        let (tenant, digest) = try await told(second)
        #expect(tenant?.client == client() && tenant?.name == "canary shop" && tenant?.isOwn == false)
        #expect(try await told(first).0?.isOwn == true)
        let again = try await told(second, having: try #require(digest))
        #expect(again.0?.client == nil && again.1 == digest)
        // Who takes no clients is told none.
        let old = try await desk.pull(second.pullRequest(), of: second.id)
        #expect(old.tenantsDigest == nil && old.tenants.allSatisfy { $0.client == nil })
        #expect(try !String(decoding: fleet.bytes(), as: UTF8.self).contains("canary"))
    }

    @Test("who waits for a change hears of a client, and a device without the scope does not")
    func wakes() async throws {
        let scope = try await desk.createScope(named: "elsewhere").id
        let third = try TestDevice()
        try await third.join(desk, scopes: [scope])
        try await second.pull(desk)
        var request = second.pullRequest(wait: 60_000)
        request.tenants = try await told(second).1
        let waiting = Task { [desk, request, id = second.id] in try await desk.pull(request, of: id) }
        try await say(client(), at: first)
        #expect(try await waiting.value.tenants.first { $0.id == tenant }?.client == client())
        #expect(try await told(third).0 == nil)
        // With somebody of it in the scope it is told there as well.
        _ = try await desk.assign([scope], to: first.id)
        let version = SubjectVersion(consent: 0, generation: 1, time: HybridTime(wall: 1), device: first.id)
        let subject = try desk.subject(tenant: ClientID(rawValue: tenant), user: "ada")
        try first.append(
            RecordKind.enrolled, first.payload("ada", subject, version), to: .enrollment, tenant: tenant)
        try await first.push(.enrollment, to: desk)
        #expect(try await told(third).0?.client == client())
    }

    @Test("only the device where a client is kept changes it, and the central instance's own doors")
    func trusted() async throws {
        try await say(client(), at: first)
        #expect(try await say(client(2, key: "7"), at: second) == ["not_trusted"])
        #expect(try await remove(at: second) == ["not_trusted"])
        #expect(try await told(second).0?.client == client())
        let central = try TestDevice()
        try await central.join(desk)
        desk.trust(central.id)
        #expect(try await say(client(3, status: "inactive"), at: central).isEmpty)
        #expect(try await say(client(4), at: first) == ["not_trusted"])
        #expect(try await told(first).0?.client?.status == "inactive")
    }

    @Test("nobody takes the key of another tenant, a right that does not travel, or back what was changed since")
    func refused() async throws {
        try await say(client(5), at: first)
        #expect(try await say(client(9), of: UUID(), at: second) == ["not_trusted"])
        var wrong = client(6, key: "2")
        wrong.scope = "admin"
        #expect(try await say(wrong, of: UUID(), at: second) == ["not_understood"])
        #expect(try await say(client(4, status: "inactive"), at: first).isEmpty)
        #expect(try await told(second).0?.client == client(5))
    }

    @Test("a client that was removed is told as that to whoever was ever told of it, and nobody of it comes back")
    func removed() async throws {
        try await say(client(), at: first)
        let before = try await told(second).1
        #expect(try await remove(at: first).isEmpty)
        let (gone, digest) = try await told(second, having: try #require(before))
        #expect(gone?.removed != nil && gone?.client == nil && digest != before)
        #expect(try await say(client(99), at: first) == ["tenant_removed"])
        let subject = try desk.subject(tenant: ClientID(rawValue: tenant), user: "ada")
        let version = SubjectVersion(consent: 0, generation: 1, time: HybridTime(wall: 1), device: second.id)
        try second.append(
            RecordKind.enrolled, second.payload("ada", subject, version), to: .enrollment, tenant: tenant)
        #expect(try await second.push(.enrollment, to: desk).refused.map(\.reason) == ["tenant_removed"])
    }

    @Test("with a client everybody of it is erased, also whom the device where it was kept never knew")
    func everybody() async throws {
        let scope = try await desk.createScope(named: "elsewhere").id
        let third = try TestDevice()
        try await third.join(desk, scopes: [scope])
        try await say(client(), at: first)
        let subject = try desk.subject(tenant: ClientID(rawValue: tenant), user: "ada")
        let version = SubjectVersion(consent: 0, generation: 1, time: HybridTime(wall: 1), device: third.id)
        try third.append(
            RecordKind.enrolled, third.payload("ada", subject, version, note: "canary"), to: .enrollment, tenant: tenant
        )
        try await third.push(.enrollment, to: desk)
        try await third.pull(desk)
        #expect(try await remove(at: first).isEmpty)
        let told = try await third.pull(desk).scopes.flatMap(\.entries).compactMap(\.entry)
        #expect(told.map(\.subject) == [subject] && told.map(\.content) == [.erased(below: 1)])
        // The first never had her, the third has to say that she is gone.
        #expect(try await desk.erasures().first.map { Array($0.outstanding.keys) } == [third.id])
    }

    @Test("what arrives later of a removed client is not kept, and told to nobody")
    func late() async throws {
        try await say(client(), at: first)
        _ = try await remove(at: first)
        try second.append("session.created", #"{"event_id":"1","data":{"note":"canary"}}"#, to: .events, tenant: tenant)
        #expect(try await second.push(.events, to: desk).refused.map(\.reason) == ["tenant_removed"])
        let subject = try desk.subject(tenant: ClientID(rawValue: tenant), user: "ada")
        let version = SubjectVersion(consent: 0, generation: 1, time: HybridTime(wall: 1), device: second.id)
        try second.append(
            RecordKind.enrolled, second.payload("ada", subject, version), to: .enrollment, tenant: tenant)
        try await second.push(.enrollment, to: desk)
        for lane in [Lane.events, .enrollment] {
            #expect(try await desk.payload(of: second.id, second.epoch, lane, 1) == nil)
        }
    }

    @Test("a quarantined device hears of what ends, and of no client that is good")
    func quarantined() async throws {
        try await say(client(), at: first)
        _ = try await desk.quarantine(second.id, because: "test")
        #expect(try await told(second).0 == nil)
        try await say(client(2, status: "inactive"), at: first)
        let (tenant, digest) = try await told(second)
        #expect(tenant?.client?.status == "inactive" && digest == nil)
    }
}
