import EdgeCore
import FoundationEssentials

extension APICall {
    /// Whose records about what happened the caller may see.
    func insightView() throws(EdgeError) -> InsightView {
        guard let client = try tenantFilter() else { return .everything }
        return caller.scope == .admin ? .tenantAndDevice(client) : .tenant(client)
    }

    /// Whether the caller may see who it was: technicians look after the device, not after people.
    var seesPeople: Bool { caller.scope != .technician }

    /// The whole UTC days that the query names by `date_from` and `date_to`, both included.
    var days: TimeSpan { TimeSpan(days: query.day("date_from"), through: query.day("date_to")) }

    /// The number in an id of the path.
    ///
    /// Throws `record.unknown` when it is the id of something else.
    func number(of kind: NumberedID) throws(EdgeError) -> Int64 {
        guard let text = path["id"], let uuid = UUID(uuidString: text), let number = kind.number(uuid) else {
            throw EdgeError(.recordUnknown)
        }
        return number
    }
}

extension PageOf {
    /// One page of a list that is there as a whole.
    init(_ page: PageRequest, of all: [Item]) {
        self.init(total: all.count, items: Array(all.dropFirst(min(page.offset, all.count)).prefix(PageRequest.size)))
    }
}

extension JSONValue {
    /// A whole number.
    static func whole(_ number: Int) -> JSONValue { .integer(Int64(number)) }

    /// An id that may be missing.
    static func id<Subject>(_ id: Identifier<Subject>?) -> JSONValue { .text(id?.description) }

    /// A UUID as our ids are written, in lower case.
    static func uuid(_ uuid: UUID) -> JSONValue { .string(uuid.uuidString.lowercased()) }
}

extension JSONObject {
    /// JSON text from the store; an empty object when it cannot be read.
    static func stored(_ text: String) -> JSONObject {
        (try? JSONValue.parse(Array(text.utf8)))?.objectValue ?? [:]
    }
}

extension Schema.Property {
    static let dateFrom = Schema.Property.optional("date_from", Schema.date.note("The first UTC day."))
    static let dateTo = Schema.Property.optional("date_to", Schema.date.note("The last UTC day."))
}
