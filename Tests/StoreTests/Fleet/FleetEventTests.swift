import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Events that central delivers for a device")
struct FleetEventTests {
    let door: FleetFixture
    let central: FleetFixture
    let device: DeviceID

    init() async throws {
        var options = StoreOptions()
        options.webhooks.deliversHere = false
        door = try await FleetFixture(options: options)
        central = try await FleetFixture(joins: false)
        try await central.store.join(central.membership(url: ""))
        device = try #require(door.store.deviceID)
    }

    private func endpoint(_ name: String = "books", in fixture: FleetFixture? = nil) async throws -> EndpointID {
        let draft = WebhookEndpointDraft(name: name, url: "https://\(name).example/in")
        return try await (fixture ?? door).store.createWebhookEndpoint(draft, of: door.client).endpoint.id
    }

    private func happen(_ user: String = "E-1", in fixture: FleetFixture? = nil) async throws {
        let store = (fixture ?? door).store
        try await store.write { [client = door.client] db in
            try store.emit(.userCreated(PersonID(), externalID: user), of: client, at: store.clock.wall, db)
        }
    }

    /// All that the door told of events and endpoints, as central's database hands it on.
    private func told(subject: SubjectKey? = nil) async throws -> [ForwardedRecord] {
        let endpoints = try await door.records(.control).filter { $0.head.kind == RecordKind.endpoint }
        let events = try await door.records(.events)
        let payloads = try await door.store.open(endpoints) + door.store.open(events)
        return zip(endpoints + events, payloads).map { record, payload in
            ForwardedRecord(
                device: device, kind: record.head.kind, tenant: record.head.tenant,
                subject: record.head.kind == RecordKind.endpoint ? nil : subject,
                payload: payload.map { String(decoding: $0, as: UTF8.self) })
        }
    }

    private func due() async throws -> [WebhookShipment] {
        try await central.store.takeDue(at: central.store.clock.wall, limit: 100)
    }

    @Test("the device makes no delivery, and central one for each endpoint, under an id that follows from both")
    func once() async throws {
        let endpoint = try await endpoint()
        try await happen()
        #expect(try await door.store.webhookDeliveries(of: door.client, PageRequest()).total == 0)
        let event = try #require(
            try await door.store.webhookEvents(of: door.client, name: nil, PageRequest()).items.first)
        let records = try await told()
        try await central.store.takeForwarded(records)
        // What is handed on twice changes nothing.
        try await central.store.takeForwarded(records)
        let due = try await due()
        #expect(due.map(\.event) == [event.id] && due.map(\.endpoint) == [endpoint])
        #expect(due.first?.delivery == (try door.store.deliveryID(of: event.id, to: endpoint)))
        #expect(due.first?.url == "https://books.example/in")
        let secrets = try await door.store.read { [door] db in
            try door.store.endpointRow(endpoint, of: door.client, db).secrets.signing(at: door.store.clock.wall)
        }
        #expect(due.first?.secrets.map { $0.reveal() } == secrets.map { $0.reveal() })
        let body = String(decoding: due.first?.body ?? [], as: UTF8.self)
        #expect(body.contains(#""data":\#(try #require(event.dataJSON))"#))
        #expect(try await central.records(.events).isEmpty, "central's own lane tells nothing of it")
        for fixture in [door, central] { #expect(try await fixture.store.verify().isWhole) }
        await central.store.close()
        #expect(try !central.base.onDisk(Data("books.example".utf8)))
        #expect(try !central.base.onDisk(Data(try #require(secrets.first).reveal().utf8)))
    }

    @Test("an endpoint that the device tells itself is passed over at central")
    func local() async throws {
        await door.store.close()
        let store = try await door.base.open()
        let draft = WebhookEndpointDraft(name: "own", url: "https://own.example/in")
        _ = try await store.createWebhookEndpoint(draft, of: door.client)
        try await store.write { [client = door.client] db in
            try store.emit(.userCreated(PersonID(), externalID: "E-1"), of: client, at: store.clock.wall, db)
        }
        #expect(try await store.webhookDeliveries(of: door.client, PageRequest()).total == 1)
        let records = try await store.records(of: .control, after: 0, limit: 100)
            .filter { $0.head.kind == RecordKind.endpoint }
        let events = try await store.records(of: .events, after: 0, limit: 100)
        let payloads = try await store.open(records + events)
        try await central.store.takeForwarded(
            zip(records + events, payloads).map { record, payload in
                ForwardedRecord(
                    device: device, kind: record.head.kind, tenant: record.head.tenant, subject: nil,
                    payload: payload.map { String(decoding: $0, as: UTF8.self) })
            })
        #expect(try await due().isEmpty)
        #expect(try await central.store.webhookEvents(of: door.client, name: nil, PageRequest()).total == 1)
        #expect(try await central.store.webhookEndpoints(of: door.client, PageRequest()).total == 1)
        await store.close()
    }

    @Test("an endpoint is changed and removed at central as it is where it was made, and nobody else changes it")
    func endpoints() async throws {
        let id = try await endpoint()
        try await central.store.takeForwarded(told())
        var change = WebhookEndpointChange()
        (change.url, change.status) = ("https://other.example/in", .inactive)
        door.base.clock.advance(by: .seconds(1))
        _ = try await door.store.changeWebhookEndpoint(id, of: door.client, change)
        let records = try await told()
        // Another device says the same of it.
        try await central.store.takeForwarded(
            records.map {
                var record = $0
                record.device = DeviceID(rawValue: UUID())
                return record
            })
        #expect(try await central.store.webhookEndpoint(id, of: door.client).url == "https://books.example/in")
        try await central.store.takeForwarded(records)
        let known = try await central.store.webhookEndpoint(id, of: door.client)
        #expect(known.url == "https://other.example/in" && known.status == .inactive)
        try await door.store.removeWebhookEndpoint(id, of: door.client)
        try await central.store.takeForwarded(told())
        #expect(try await central.store.webhookEndpoints(of: door.client, PageRequest()).total == 0)
    }

    @Test("what is told of somebody who is erased in the fleet is called off at central and forgotten")
    func erased() async throws {
        _ = try await endpoint()
        try await happen("Quill-9")
        let subject = try central.subject("Quill-9", of: door.client)
        try await central.store.takeForwarded(told(subject: subject))
        #expect(
            try await central.store.webhookEvents(of: door.client, name: nil, PageRequest()).items.first?.dataJSON
                != nil)
        try await central.store.takeForwarded([
            ForwardedRecord(device: device, kind: RecordKind.erased, tenant: nil, subject: subject, payload: nil)
        ])
        #expect(try await due().isEmpty)
        let delivery = try await central.store.webhookDeliveries(of: door.client, PageRequest()).items.first
        #expect(delivery?.errorCode == "PERSON_REMOVED" && delivery?.dataJSON == nil)
    }

    @Test("a test of an endpoint is made by whoever makes the deliveries, once")
    func tests() async throws {
        let id = try await endpoint()
        let asked = try await door.store.testWebhookEndpoint(id, of: door.client, type: "x", dataJSON: #"{"a":1}"#)
        #expect(asked.errorCode == "LEFT_TO_CENTRAL")
        try await central.store.takeForwarded(told())
        #expect(try await due().map(\.delivery) == [asked.id])
    }

    @Test("an endpoint that was damaged at central, or has a name that another one has, holds up nothing")
    func damaged() async throws {
        let damaged = try await endpoint()
        try await central.store.takeForwarded(told())
        try await central.store.write { db in
            try db.execute(sql: "UPDATE webhook_endpoints SET sealed = zeroblob(80)")
        }
        door.base.clock.advance(by: .seconds(1))
        var change = WebhookEndpointChange()
        change.status = .inactive
        _ = try await door.store.changeWebhookEndpoint(damaged, of: door.client, change)
        let other = try await endpoint("other")
        var records = try await told()
        // Others have the names that it would be given.
        for name in ["other", "other \(other.description.prefix(8))"] {
            let text =
                #"{"endpoint_id":"\#(EndpointID())","version":1,"removed":false,"name":"\#(name)","#
                + #""secrets":{"url":"https://x.example","secrets":[{"text":"whsec_AAAA"}],"metadata":"{}"}}"#
            records.insert(
                ForwardedRecord(
                    device: device, kind: RecordKind.endpoint, tenant: door.client.rawValue, subject: nil,
                    payload: PayloadValue.object([.init("endpoint", .text(text))]).jsonText), at: 0)
        }
        try await central.store.takeForwarded(records)
        let known = try await central.store.webhookEndpoint(other, of: door.client)
        #expect(known.url == "https://other.example/in")
    }

    @Test("what cannot be read holds up nothing")
    func unreadable() async throws {
        _ = try await endpoint()
        try await happen()
        var records = try await told()
        for payload in ["", "{}", #"{"event_id":"x","event":"y","source":"z","created_at":1,"data":{}}"#] {
            records.insert(
                ForwardedRecord(
                    device: device, kind: "user.created", tenant: door.client.rawValue, subject: nil, payload: payload),
                at: 0)
        }
        try await central.store.takeForwarded(records)
        #expect(try await due().count == 1)
    }
}
