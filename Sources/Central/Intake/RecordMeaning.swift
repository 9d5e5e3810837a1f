import EdgeCore
import FoundationEssentials
import SyncCore

/// What a record changes, read from what it says.
enum RecordMeaning {
    case enrolled(SubjectFacts, tenant: UUID)
    case erased(ErasedFacts)
    case knownErased(ErasureFloor)
    case proven(ErasureFloor)
    case client(FleetClient, tenant: UUID)
    case clientErased(tenant: UUID)
    /// An event, or an endpoint that is told of events: it is handed on.
    case forwarded
    /// It is kept and changes nothing.
    case none
    /// It should change something and does not say what.
    case poison
}

/// A record with all that can be said of it without the database.
struct ReadRecord {
    let record: WireRecord
    let head: RecordHead
    let digest: ChainHash
    let hash: ChainHash
    let meaning: RecordMeaning
    /// Under whose key its payload is kept; `nil` for what names nobody.
    let owner: SealOwner?
}

/// Reads records.
struct RecordReader {
    /// Numbers above this are nobody's: what follows them could not be counted any more.
    static let largestNumber: UInt64 = 1 << 53

    let device: DeviceID
    let pseudonyms: Pseudonyms

    /// What a record changes; one without payload changes nothing.
    func meaning(of record: WireRecord, in lane: Lane) throws(EdgeError) -> RecordMeaning {
        guard let payload = record.payload else { return .none }
        switch (lane, record.kind) {
        case (.enrollment, RecordKind.enrolled):
            guard let tenant = record.tenant, let facts: EnrolledPayload = decode(payload) else { return .poison }
            return try isRight(facts, tenant) ? .enrolled(facts.facts, tenant: tenant) : .poison
        case (.control, RecordKind.erased):
            // One without a subject tells of somebody whom the fleet never knew.
            guard let named: NamedSubject = decode(payload) else { return .poison }
            guard named.subject != nil else { return .none }
            guard let facts: ErasedFacts = decode(payload), facts.consent < Self.largestNumber else { return .poison }
            return .erased(facts)
        case (.control, RecordKind.knownErased): return floor(payload).map { .knownErased($0) } ?? .poison
        case (.control, RecordKind.proven): return floor(payload).map { .proven($0) } ?? .poison
        case (.control, RecordKind.client):
            guard let tenant = record.tenant, let client: FleetClient = decode(payload), client.isSound else {
                return .poison
            }
            return .client(client, tenant: tenant)
        case (.control, RecordKind.clientErased):
            return record.tenant.map { .clientErased(tenant: $0) } ?? .poison
        case (.control, RecordKind.endpoint): return record.tenant == nil ? .poison : .forwarded
        case (.events, _): return record.tenant == nil ? .none : .forwarded
        default: return .none
        }
    }

    /// Under whose key a payload is kept: that of the person whom it names, else that of the tenant.
    ///
    /// Control and audit lanes hold nothing that names somebody; what checks a client's secrets is the tenant's.
    func owner(of record: WireRecord, in lane: Lane) throws(EdgeError) -> SealOwner? {
        if lane == .control, [RecordKind.client, RecordKind.endpoint].contains(record.kind), record.payload != nil {
            return record.tenant.map { SealOwner(kind: .tenant, id: $0) }
        }
        guard lane == .enrollment || lane == .events, let tenant = record.tenant, let payload = record.payload else {
            return nil
        }
        guard let user = named(payload) else { return SealOwner(kind: .tenant, id: tenant) }
        let subject = try pseudonyms.subject(of: user, tenant: tenant)
        return SealOwner(kind: .subject, id: subject.rawValue)
    }

    /// Whom a payload names; most are read in one pass, and what is unusual by the decoder.
    private func named(_ payload: String) -> String? {
        var glance = NameGlance(Array(payload.utf8))
        if let plain = glance.user() { return plain }
        let named: NamedUser? = decode(payload)
        return named?.user
    }

    /// A device speaks for itself only, and of the person whom it names only.
    private func isRight(_ payload: EnrolledPayload, _ tenant: UUID) throws(EdgeError) -> Bool {
        let version = payload.version
        guard version.device == device, version.consent < Self.largestNumber,
            version.generation < Self.largestNumber
        else { return false }
        return try payload.subject == pseudonyms.subject(of: payload.user, tenant: tenant)
    }

    private func floor(_ payload: String) -> ErasureFloor? {
        guard let floor: ErasureFloor = decode(payload), floor.below <= Self.largestNumber else { return nil }
        return floor
    }

    private func decode<Value: Decodable>(_ payload: String) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(payload.utf8))
    }
}

/// What central reads of an enrollment; the rest is for devices.
private struct EnrolledPayload: Decodable {
    let subject: SubjectKey
    let version: SubjectVersion
    let user: String

    var facts: SubjectFacts { SubjectFacts(subject: subject, version: version) }

    enum CodingKeys: String, CodingKey {
        case subject, version
        case user = "user_id"
    }
}

private struct NamedSubject: Decodable {
    let subject: SubjectKey?
}

/// Where a payload names a person: beside its other members, or among an event's data.
struct NamedUser: Decodable {
    let own: String?
    let data: Data?

    struct Data: Decodable {
        let user: String?

        enum CodingKeys: String, CodingKey { case user = "user_id" }
    }

    var user: String? { own ?? data?.user }

    enum CodingKeys: String, CodingKey {
        case own = "user_id"
        case data
    }
}

/// Looks for `user_id` beside the other members of an object, or among those of its member `data`, without building the
/// document.
///
/// A hundred records of a batch would each start the decoder for one name. What is not plainly there is not found, and the
/// decoder looks then. Where the decoder would give up for another member's sake the name is found all the same: better
/// sealed under a person's key than under the tenant's.
struct NameGlance {
    private static let name = Array("user_id".utf8)
    private static let data = Array("data".utf8)

    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The name; `nil` where there is none, or the text has escapes, a name twice, or is not what devices write.
    mutating func user() -> String? {
        guard !bytes.contains(UInt8(ascii: "\\")), take(UInt8(ascii: "{")) else { return nil }
        var (own, inner): (ArraySlice<UInt8>?, ArraySlice<UInt8>?)
        var depth = 1
        var (key, isData): (ArraySlice<UInt8>?, Bool) = (nil, false)
        while place < bytes.count, depth > 0 {
            switch bytes[place] {
            case UInt8(ascii: "\""):
                guard let text = text() else { return nil }
                if take(UInt8(ascii: ":")) {
                    key = text
                    if depth == 1 { isData = text.elementsEqual(Self.data) }
                } else if let named = key, named.elementsEqual(Self.name) {
                    // Twice is for the decoder to judge.
                    if depth == 1 ? own != nil : isData && depth == 2 && inner != nil { return nil }
                    if depth == 1 { own = text }
                    if depth == 2, isData { inner = text }
                    key = nil
                } else {
                    key = nil
                }
                continue
            case UInt8(ascii: "["): return nil
            case UInt8(ascii: "{"): (depth, key) = (depth + 1, nil)
            case UInt8(ascii: "}"): (depth, key) = (depth - 1, nil)
            case UInt8(ascii: ","): key = nil
            default: break
            }
            place += 1
        }
        guard depth == 0, place == bytes.count else { return nil }
        return (own ?? inner).flatMap { String(validating: $0, as: UTF8.self) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard place < bytes.count, bytes[place] == byte else { return false }
        place += 1
        return true
    }

    /// The text that begins here, without its marks.
    private mutating func text() -> ArraySlice<UInt8>? {
        let begin = place + 1
        guard let end = bytes[begin...].firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        place = end + 1
        return bytes[begin..<end]
    }
}
