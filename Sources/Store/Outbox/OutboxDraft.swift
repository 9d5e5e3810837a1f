import EdgeCore
import FoundationEssentials
import SyncCore

/// A record before it has its place in a lane.
struct OutboxDraft {
    /// What it is, for example `person.erased`.
    let kind: String
    var client: ClientID?
    /// By our id; it stays in the lane when the person is erased, as it stays in the audit trail.
    var person: PersonID?
    let content: Content
    var urgency = RecordUrgency.ordinary
    /// When the record was made, where it is told again; `nil` for now.
    var moment: RecordMoment?

    /// What a record carries.
    enum Content {
        /// Facts that name nobody; they are sent as they are.
        case facts(PayloadValue)
        /// Facts about the record's person, sealed under the person's key; `client` and `person` are there.
        case personal([PayloadValue.Member], subjectKey: [UInt8])
        /// Facts about the record's tenant, sealed under the client's key; `client` is there.
        case tenant([PayloadValue.Member], subjectKey: [UInt8])
        /// A line of the audit trail, by reference.
        case line(AuditLine)
        /// An event, by reference; it goes when the event's data go.
        case event(OutboxEvent, subjectKey: [UInt8])
        /// What a record carried as it is sent, to be told again; with a key it is sealed under that.
        case again([UInt8], subjectKey: [UInt8]?)
    }
}

/// An event as it is sent: what never changes of it.
struct OutboxEvent {
    let sequence: Int64
    let id: EventID
    let client: ClientID
    let name: String
    let source: String
    let createdAt: Int64
    /// JSON.
    let data: String
    /// Who is told of it by whom, JSON; `nil` where central tells everybody.
    var route: String?

    /// The payload; the salt keeps its digest from telling what it was made of.
    func payload(salt: String) -> [UInt8] {
        let head = PayloadValue.object([
            .init("salt", .text(salt)), .init("event_id", .text(id.description)),
            .init("client_id", .text(client.description)), .init("event", .text(name)),
            .init("source", .text(source)), .init("created_at", .integer(Int(createdAt))),
        ]).jsonText
        let route = route.map { ",\"route\":\($0)" } ?? ""
        return Array("\(head.dropLast())\(route),\"data\":\(data)}".utf8)
    }
}

/// Random digits that go into a payload, so that nobody finds out by trying what a digest was made of.
enum PayloadSalt {
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return hexadecimal((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}

extension SealPlace {
    /// Bound to the record's place in its lane and epoch.
    static func outbox(_ head: RecordHead, of client: ClientID) -> SealContext {
        let address = head.position.address
        return SealContext(
            kind: "outbox \(head.kind)", client: client,
            row: "\(UUIDText.lower(address.epoch.rawValue)) \(address.lane.rawValue) \(head.position.sequence)",
            version: 1)
    }
}
