import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// A webhook endpoint as it travels to central; sealed wherever it is kept.
struct FleetEndpoint: Codable {
    var id: String
    /// Counts up with each change.
    var version: Int64
    /// Whether it was removed; then nothing else is there.
    var isRemoved: Bool
    var name: String?
    var status: EndpointStatus?
    var events: [String]?
    var retries: Int?
    var delay: Int?
    var secrets: EndpointSecrets?

    enum CodingKeys: String, CodingKey {
        case version, name, status, events, retries, delay, secrets
        case id = "endpoint_id"
        case isRemoved = "removed"
    }
}

/// Who tells what to whom: receivers are called from here or by central, and never by both.
extension EdgeStore {
    /// Whether central calls the receivers of everything that happens here.
    var leavesDeliveryToCentral: Bool { fleet.isMember && !fleet.isCentral && !options.webhooks.deliversHere }

    /// Names the endpoints that are told from here, so that central passes them over; `nil` where there are none.
    func route(ofTelling own: [Subscription]) throws -> String? {
        guard fleet.isMember, !fleet.isCentral, !own.isEmpty else { return nil }
        return try JSONText.text(EventRoute(told: own.map(\.id.description)))
    }

    /// A test is for one endpoint only.
    func route(ofTest endpoint: EndpointID) throws -> String? {
        guard fleet.isMember, !fleet.isCentral else { return nil }
        return try JSONText.text(EventRoute(told: [], only: leavesDeliveryToCentral ? [endpoint.description] : []))
    }

    /// One id for each event and endpoint, wherever the delivery is made: a receiver tells a repetition by it.
    func deliveryID(of event: EventID, to endpoint: EndpointID) throws -> DeliveryID {
        let digest = try signer.sha256(Array("edged delivery v1\n\(event)\n\(endpoint)\n".utf8))
        return try DeliveryID(column: Data(digest.prefix(16)))
    }

    /// Tells central how an endpoint is that was made here.
    func tellEndpoint(_ id: EndpointID, of client: ClientID, isRepeat: Bool = false, _ db: Database) throws {
        guard let (row, known) = try ownEndpoint(id, of: client, db) else { return }
        let version = isRepeat && known > 0 ? known : max(clock.wall.column, known + 1)
        try db.execute(
            sql: "UPDATE webhook_endpoints SET fleet_version = ? WHERE id = ?", arguments: [version, id.column])
        let told = FleetEndpoint(
            id: id.description, version: version, isRemoved: false, name: row.record.name, status: row.record.status,
            events: row.record.subscribedEvents, retries: row.record.maximumRetries, delay: row.record.retryDelay,
            secrets: row.secrets)
        try tell(told, of: client, db)
    }

    /// Tells central that an endpoint that was made here goes.
    func tellEndpointRemoval(_ id: EndpointID, of client: ClientID, _ db: Database) throws {
        guard let (_, known) = try ownEndpoint(id, of: client, db) else { return }
        try tell(
            FleetEndpoint(id: id.description, version: max(clock.wall.column, known + 1), isRemoved: true), of: client,
            db)
    }

    /// All of a client's endpoints that were made here: for an epoch and a central that know none.
    func tellEndpointsAgain(of client: ClientID, _ db: Database) throws {
        let ids = try Data.fetchAll(
            db, sql: "SELECT id FROM webhook_endpoints WHERE client_id = ? AND origin IS NULL ORDER BY key",
            arguments: [client.column])
        for id in ids { try tellEndpoint(EndpointID(column: id), of: client, isRepeat: true, db) }
    }

    /// `nil` where nothing is told of it: it is another device's, or there is no fleet.
    private func ownEndpoint(
        _ id: EndpointID, of client: ClientID, _ db: Database
    ) throws -> (EndpointRow, version: Int64)? {
        guard fleet.isMember, !fleet.isCentral else { return nil }
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM webhook_endpoints WHERE id = ? AND client_id = ? AND origin IS NULL",
            arguments: [id.column, client.column])
        return try row.map { (try EndpointRow($0, sealer), $0["fleet_version"]) }
    }

    private func tell(_ endpoint: FleetEndpoint, of client: ClientID, _ db: Database) throws {
        let key = try Data.fetchOne(
            db, sql: "SELECT subject_key FROM clients WHERE id = ?", arguments: [client.column])
        var wrapped = key.map { Array($0) }
        if wrapped == nil {
            let fresh = try sealer.makeSubjectKey()
            try db.execute(
                sql: "UPDATE clients SET subject_key = ? WHERE id = ?", arguments: [Data(fresh), client.column])
            _ = try remember(client, db)
            wrapped = fresh
        }
        guard let wrapped else { return }
        let text = try JSONText.text(endpoint)
        try enqueue(
            OutboxDraft(
                kind: RecordKind.endpoint, client: client,
                content: .tenant([.init("endpoint", .text(text))], subjectKey: wrapped), urgency: .essential),
            lane: .control, db)
    }
}

/// By whom an event is told to whom.
struct EventRoute: Codable, Equatable {
    /// Endpoints that the device tells itself.
    var told: [String]
    /// Where it is there, nobody else is told.
    var only: [String]?
}
