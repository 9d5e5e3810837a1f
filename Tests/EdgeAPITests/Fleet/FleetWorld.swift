import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import EdgeAPI

extension TestAPI {
    /// Speaks to a central instance with this fleet.
    func test(
        _ fleet: FakeFleet, _ body: @escaping @Sendable (APICaller) async throws -> Void
    ) async throws {
        var services = services
        services.fleet = fleet
        clients.edit("one") { $0.scope = .admin }
        try await test(services, body)
    }
}

extension APICaller {
    /// Makes a device a member and gives its name as a client.
    func join(_ device: DeviceID = DeviceID()) async throws -> String {
        let answer = try await provision(device)
        answer.expect(SyncRoutes.provisionOperation)
        return "device \(device)"
    }

    func provision(_ device: DeviceID, token: String = FakeFleet.token) async throws -> Answer {
        let request = ProvisionRequest(
            token: token, device: device, name: "north door", publicKey: "a2V5", proof: "cHJvb2Y=",
            model: ModelName(id: "sface", version: "1"), software: "0.4.0")
        return try await message("provision", request, as: nil)
    }

    /// Sends a message of the protocol; `gzip`: compressed, and the same is asked of the answer.
    func message(
        _ name: String, _ message: some Encodable, as client: String?, gzip: Bool = false
    ) async throws -> Answer {
        let bytes = [UInt8](try JSONEncoder().encode(message))
        var headers: HTTPFields = [.contentType: "application/json"]
        if let client { headers[.authorization] = "Bearer \(try await token(of: client))" }
        if gzip { (headers[.contentEncoding], headers[.acceptEncoding]) = ("gzip", "gzip, deflate;q=0.5") }
        let body = gzip ? try #require(GzipBody.compressed(bytes)) : bytes
        return try await send(.post, "/api/sync/v1/\(name)/", headers: headers, body: body)
    }
}

/// A batch that is whole enough for the routes, which do not look inside.
func batch(records: Int = 1, payload: String = "{}") -> PushRequest {
    let record = WireRecord(
        SyncCore.OutboxRecord(
            head: RecordHead(
                position: RecordPosition(
                    LaneAddress(device: DeviceID(), epoch: Epoch(), lane: .audit), sequence: 1), kind: "k",
                tenant: nil, person: nil, moment: RecordMoment(wall: 7, boot: nil)),
            digest: .start, hash: .start, payload: .withheld), payload: payload)
    return PushRequest(
        epoch: Epoch(), lane: .audit, first: 1, previous: .start, head: .start, lostFrom: nil,
        records: Array(repeating: record, count: records))
}
