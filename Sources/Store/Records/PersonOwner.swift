import EdgeCore
import GRDB

/// A person's row, unsealed: what templates are sealed for and under.
struct PersonOwner {
    let key: Int64
    let id: PersonID
    let client: ClientID
    let subjectKey: [UInt8]
    let personal: PersonalData

    /// The person as recognition names them.
    var matched: MatchedPerson {
        MatchedPerson(id: id, externalID: personal.externalID, displayName: personal.displayName)
    }

    init(key: Int64, id: PersonID, client: ClientID, subjectKey: [UInt8], personal: PersonalData) {
        self.key = key
        self.id = id
        self.client = client
        self.subjectKey = subjectKey
        self.personal = personal
    }

    init(_ row: Row, _ sealer: any Sealer) throws {
        key = row["key"]
        id = try row.id("id")
        client = try row.id("client_id")
        subjectKey = row.bytes("subject_key")
        personal = try PersonalData(
            sealer.open(row.bytes("personal"), subjectKey: subjectKey, context: SealPlace.person(id, of: client)))
    }
}
