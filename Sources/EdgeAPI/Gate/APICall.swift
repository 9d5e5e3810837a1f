import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// A request that has passed every check: who asks, and the values as the operation's schemas want them.
struct APICall: Sendable {
    let request: Request
    let context: EdgeRequestContext
    let caller: Caller
    /// Parameters of the path, percent-decoded.
    let path: [String: String]
    /// Parameters of the query.
    let query: Fields
    /// Members of the body.
    let body: Fields
    /// The body as sent, opened where it came as gzip; of operations that take a message.
    var message: [UInt8] = []

    /// The tenant.
    ///
    /// Throws `credentials.forbidden` for a technician, who belongs to none.
    func client() throws(EdgeError) -> ClientRecord {
        switch caller {
        case .client(let client): return client
        case .technician:
            throw EdgeError(.credentialsForbidden, "A technician's token belongs to no client.")
        case .nobody: throw EdgeError(.credentialsMissing)
        }
    }

    /// Whose records may be seen: the tenant's own, or for a technician `nil`, the whole device's.
    func tenantFilter() throws(EdgeError) -> ClientID? {
        if case .technician = caller { return nil }
        return try client().id
    }

    /// An id in the path.
    ///
    /// Throws `code`, a not-found code, when it is none.
    func id<Subject>(
        _ name: String = "id", orElse code: ErrorCode = .recordUnknown
    ) throws(EdgeError) -> Identifier<Subject> {
        guard let text = path[name], let id = Identifier<Subject>(text) else { throw EdgeError(code) }
        return id
    }

    /// The page that is asked for.
    var page: PageRequest { PageRequest(query.integer("page") ?? 1) }
}

/// Checked values by name.
struct Fields: Sendable {
    var values: JSONObject = [:]
    var files: [String: [UInt8]] = [:]

    /// A member as sent; `nil` when it was not.
    subscript(name: String) -> JSONValue? { values[name] }

    /// Whether the member was sent, `null` included.
    func has(_ name: String) -> Bool { values[name] != nil || files[name] != nil }

    /// A text; `nil` when it was not sent or is `null`.
    func text(_ name: String) -> String? { values[name]?.stringValue }

    /// A text that the schema requires.
    func requiredText(_ name: String) throws(EdgeError) -> String {
        guard let text = text(name) else {
            throw EdgeError(.requestInvalid, "\(name): \(FieldErrors.required)", field: name)
        }
        return text
    }

    func integer(_ name: String) -> Int? {
        if case .integer(let number) = values[name] { Int(number) } else { nil }
    }

    func number(_ name: String) -> Double? {
        switch values[name] {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: nil
        }
    }

    func flag(_ name: String) -> Bool? { if case .bool(let flag) = values[name] { flag } else { nil } }

    func object(_ name: String) -> JSONObject? { values[name]?.objectValue }

    /// A JSON object as canonical text, as the store keeps it.
    func objectText(_ name: String) -> String? {
        object(name).map { String(decoding: JSONValue.object($0).bytes, as: UTF8.self) }
    }

    func texts(_ name: String) -> [String]? {
        guard case .array(let values) = values[name] else { return nil }
        return values.compactMap(\.stringValue)
    }

    func uuid(_ name: String) -> UUID? { text(name).flatMap { UUID(uuidString: $0) } }

    func date(_ name: String) -> Date? { text(name).flatMap(WireDate.parse) }

    /// The beginning of a UTC day.
    func day(_ name: String) -> Date? { text(name).flatMap(WireDate.day) }
}
