import EdgeCore
import FoundationEssentials
import GRDB

/// People as they stand in the file, read in one pass; each part's bytes lie in one piece of memory.
struct SealedPeople {
    /// One sealed template.
    struct Template {
        let id: TemplateID
        let model: ModelVersion
        let vector: Range<Int>
    }

    /// One person; the ranges are places in the part's bytes.
    struct Person {
        let id: PersonID
        let client: ClientID
        let subjectKey: Range<Int>
        let personal: Range<Int>
        /// Places in the part's templates.
        var templates: Range<Int>
    }

    /// Some people, one after the other.
    struct Part: Sendable {
        var people: [Person] = []
        var templates: [Template] = []
        var bytes: [UInt8] = []
    }

    /// Enough that handing a part over costs nothing beside opening it, few enough that all threads have work.
    static let partSize = 512

    private let rows: RowCursor
    private var waiting: Row?
    private var model = ModelVersion(id: "", version: "")

    /// Begins to read whoever may be recognised, of one tenant or of all, by one model or by all.
    init(_ db: Database, of client: ClientID?, model: ModelVersion?, at moment: Date) throws {
        let tenant = client == nil ? "" : "AND people.client_id = :client"
        let net = model == nil ? "" : "AND t.model_id = :model AND t.model_version = :version"
        var arguments: StatementArguments = ["now": moment.column]
        if let client { arguments += ["client": client.column] }
        if let model { arguments += ["model": model.id, "version": model.version] }
        // CROSS JOIN: in this order, so that people come as they lie in the file, each with the templates beside it.
        rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT people.key, t.id, t.model_id, t.model_version, t.vector, people.id, people.client_id,
                    people.subject_key, people.personal
                FROM people CROSS JOIN templates t ON t.person_key = people.key
                WHERE \(TemplatesInForce.conditionForAll) \(tenant) \(net)
                ORDER BY people.key, t.model_id, t.model_version, t.sample_number
                """, arguments: arguments)
        waiting = try rows.next()
    }

    /// The next people; `nil` when all have been read.
    mutating func next() throws -> Part? {
        guard waiting != nil else { return nil }
        var part = Part()
        part.people.reserveCapacity(Self.partSize)
        part.templates.reserveCapacity(Self.partSize)
        part.bytes.reserveCapacity(Self.partSize * 1024)
        while let row = waiting, part.people.count < Self.partSize {
            try readPerson(row, into: &part)
        }
        return part
    }

    /// Reads a person and all rows of theirs; the row after them waits.
    private mutating func readPerson(_ first: Row, into part: inout Part) throws {
        // By position, as in the query: a look-up of names for every row would cost as much as the unsealing.
        let key: Int64 = first[0]
        let start = part.templates.count
        var person = try Person(
            id: Identifier(column: first[5]), client: Identifier(column: first[6]),
            subjectKey: Self.append(first, 7, to: &part.bytes), personal: Self.append(first, 8, to: &part.bytes),
            templates: start..<start)
        while let row = waiting, row[0] as Int64 == key {
            let (id, version): (String, String) = (row[2], row[3])
            // One text for all templates of a net, not one for each.
            if model.id != id || model.version != version { model = ModelVersion(id: id, version: version) }
            try part.templates.append(
                Template(id: Identifier(column: row[1]), model: model, vector: Self.append(row, 4, to: &part.bytes)))
            waiting = try rows.next()
        }
        person.templates = start..<part.templates.count
        part.people.append(person)
    }

    private static func append(_ row: Row, _ column: Int, to bytes: inout [UInt8]) throws -> Range<Int> {
        let start = bytes.count
        try row.withUnsafeData(atIndex: column) { data in
            if let data { bytes.append(contentsOf: data) }
        }
        return start..<bytes.count
    }
}
