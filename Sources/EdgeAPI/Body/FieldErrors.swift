import EdgeCore

/// What is wrong with the fields of a request, all of it at once.
struct FieldErrors: Error, Equatable {
    private(set) var messages: [(field: String, text: String)] = []

    /// Nothing wrong yet.
    init() {}

    /// One field wrong.
    init(_ field: String, _ text: String) { messages = [(field, text)] }

    /// Notes a fault.
    mutating func add(_ field: String, _ text: String) { messages.append((field, text)) }

    /// Throws itself unless it is empty.
    func throwIfAny() throws { if !messages.isEmpty { throw self } }

    static func == (left: FieldErrors, right: FieldErrors) -> Bool {
        left.messages.elementsEqual(right.messages) { $0 == $1 }
    }

    static let required = "This field is required."
    static let null = "This field may not be null."
    static let blank = "This field may not be blank."
}
