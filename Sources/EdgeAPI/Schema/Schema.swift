import EdgeCore

/// What a JSON value may be.
///
/// One value of this type checks the requests and writes the OpenAPI document, so that the two cannot differ.
struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case text(TextRule)
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        case boolean
        case object([Property], isOpen: Bool)
        case list(Schema, maximum: Int?)
        /// A picture: base64 text, a data URL, an object around either, or in a form a file.
        case picture
        case anyOf([Schema])
        /// A schema of the document's components, by name; answers only.
        case component(String)
        case anything
    }

    /// One member of an object.
    struct Property: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool
        let isReadOnly: Bool
    }

    var kind: Kind
    var isNullable = false
    var note: String?
    var example: JSONValue?

    init(_ kind: Kind) { self.kind = kind }
}

/// What a text may be.
struct TextRule: Sendable {
    var length: ClosedRange<Int> = 1...100
    var allowsBlank = false
    var format: Format?
    var choices: [String] = []
    /// A JSON number counts as its digits.
    var allowsNumber = false
    /// Whole numbers that every JSON reader keeps exactly (RFC 8259, section 6).
    static let exactNumbers: ClosedRange<Int64> = -9_007_199_254_740_991...9_007_199_254_740_991
    /// Written without its format, for readers that make a type of it.
    var isPlain = false
    /// Line breaks and tabs may stand in it.
    var hasLines = false

    enum Format: String, Sendable {
        case uuid
        case dateTime = "date-time"
        case date
        case uri
        case email
        case binary
        case hostname
        case sha256
        /// Base64 with its padding; the length is that of the text.
        case base64
    }
}

extension Schema {
    /// A text of `length` characters that is not blank and holds no control characters.
    static func text(_ length: ClosedRange<Int> = 1...100, blank: Bool = false, number: Bool = false) -> Schema {
        Schema(.text(TextRule(length: length, allowsBlank: blank, allowsNumber: number)))
    }

    /// The same with line breaks and tabs.
    static func lines(_ length: ClosedRange<Int>) -> Schema { Schema(.text(TextRule(length: length, hasLines: true))) }

    /// Any text in an answer.
    static let anyText = Schema(.text(TextRule(length: 0...Int.max, allowsBlank: true)))
    static let uuid = formatted(.uuid, 36...36)
    static let dateTime = formatted(.dateTime, 1...64)
    static let date = formatted(.date, 10...10)
    static let uri = formatted(.uri, 1...2000)
    static let email = formatted(.email, 3...254)
    static let boolean = Schema(.boolean)
    static let picture = Schema(.picture)
    static let anything = Schema(.anything)
    /// An object with members of the caller's own.
    static let openObject = Schema(.object([], isOpen: true))
    /// A whole number that is not negative.
    static let count = Schema(.integer(0...Int(Int32.max)))
    /// A score.
    static let share = Schema(.number(0...1))

    static func formatted(_ format: TextRule.Format, _ length: ClosedRange<Int>) -> Schema {
        Schema(.text(TextRule(length: length, format: format)))
    }

    static func choice(_ words: [String]) -> Schema {
        Schema(.text(TextRule(length: 0...100, choices: words)))
    }

    static func choice<Words: RawRepresentable & CaseIterable>(_ words: Words.Type) -> Schema
    where Words.RawValue == String {
        choice(words.allCases.map(\.rawValue))
    }

    static func integer(_ range: ClosedRange<Int>) -> Schema { Schema(.integer(range)) }
    static func number(_ range: ClosedRange<Double>) -> Schema { Schema(.number(range)) }
    static func list(_ element: Schema, maximum: Int? = nil) -> Schema { Schema(.list(element, maximum: maximum)) }
    static func component(_ name: String) -> Schema { Schema(.component(name)) }
    static func anyOf(_ schemas: Schema...) -> Schema { Schema(.anyOf(schemas)) }

    /// An object with these members; others are ignored in requests and allowed in answers.
    static func object(_ properties: [Property], isOpen: Bool = true) -> Schema {
        Schema(.object(properties, isOpen: isOpen))
    }

    /// The same, and `null` is a value too.
    var orNull: Schema {
        var schema = self
        schema.isNullable = true
        return schema
    }

    /// The same with a sentence for readers.
    func note(_ text: String) -> Schema {
        var schema = self
        schema.note = text
        return schema
    }

    /// The same with an example.
    func example(_ value: JSONValue) -> Schema {
        var schema = self
        schema.example = value
        return schema
    }

    /// Whether an empty text is a value to be checked rather than nothing.
    var isText: Bool { if case .text = kind { true } else { false } }

    /// The members of an object; empty for everything else.
    var properties: [Property] { if case .object(let properties, _) = kind { properties } else { [] } }
}

extension Schema.Property {
    /// A member that must be there.
    static func required(_ name: String, _ schema: Schema) -> Schema.Property {
        Schema.Property(name: name, schema: schema, isRequired: true, isReadOnly: false)
    }

    /// A member that may be there.
    static func optional(_ name: String, _ schema: Schema) -> Schema.Property {
        Schema.Property(name: name, schema: schema, isRequired: false, isReadOnly: false)
    }

    /// The same member, never required: for PATCH.
    var asOptional: Schema.Property {
        Schema.Property(name: name, schema: schema, isRequired: false, isReadOnly: isReadOnly)
    }
}
