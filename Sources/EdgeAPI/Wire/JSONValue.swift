import FoundationEssentials

/// Any JSON value.
///
/// Objects keep the order in which they were built, so that answers read like their documentation.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// A number rounded to `places` decimals, since a score's fifteenth digit means nothing.
    static func rounded(_ value: Double, places: Int) -> JSONValue {
        guard value.isFinite else { return .null }
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        return .number((value * scale).rounded() / scale)
    }

    /// The same for a value that may be missing.
    static func rounded(_ value: Double?, places: Int) -> JSONValue {
        value.map { .rounded($0, places: places) } ?? .null
    }

    /// A point in time as ISO 8601 in UTC.
    static func date(_ date: Date?) -> JSONValue { date.map { .string(WireDate.text($0)) } ?? .null }

    /// A text that may be missing.
    static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

    /// The text of a string value.
    var stringValue: String? { if case .string(let text) = self { text } else { nil } }
    /// The members of an object value.
    var objectValue: JSONObject? { if case .object(let object) = self { object } else { nil } }
}

/// A JSON object with its members in order.
struct JSONObject: Sendable, Equatable {
    private(set) var members: [(key: String, value: JSONValue)] = []

    /// No members.
    init() {}

    /// Takes members whose names are known to differ.
    init(unique members: [(key: String, value: JSONValue)]) { self.members = members }

    /// Reads, replaces, appends or (with `nil`) removes a member.
    subscript(key: String) -> JSONValue? {
        get { members.first { $0.key == key }?.value }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append((key, value))
            case (nil, nil): break
            }
        }
    }

    /// Adds the members of `other`, which win.
    mutating func merge(_ other: JSONObject) {
        for (key, value) in other.members { self[key] = value }
    }

    /// Compares without regard to order, as JSON means it.
    static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int64) { self = .integer(value) }
    init(floatLiteral value: Double) { self = .number(value) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, JSONValue)...) {
        var object = JSONObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}
