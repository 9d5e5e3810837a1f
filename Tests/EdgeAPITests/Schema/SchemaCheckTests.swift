import EdgeCore
import Testing

@testable import EdgeAPI

@Suite("Schema check")
struct SchemaCheckTests {
    private func faults(_ schema: Schema, _ value: JSONValue, isForm: Bool = false) -> [String] {
        var errors = FieldErrors()
        _ = schema.check(value, "field", isForm: isForm, &errors)
        return errors.messages.map(\.text)
    }

    @Test(
        "a text is visible, short enough and without control characters",
        arguments: [
            ("alice", true), ("a", true), ("", false), ("   ", false), ("a\nb", false), ("\u{7F}", false),
            (String(repeating: "ä", count: 100), true), (String(repeating: "ä", count: 101), false),
        ])
    func texts(text: String, isGood: Bool) {
        #expect(faults(.text(), .string(text)).isEmpty == isGood)
    }

    @Test("a number stands for its digits only where that is said")
    func numbersAsText() {
        #expect(faults(.text(number: true), 42) == [])
        #expect(faults(.text(), 42) == ["Not a valid string."])
        #expect(faults(.text(number: true), 1.5) == ["Not a valid string."])
        #expect(faults(.text(number: true), .integer(9_007_199_254_740_992)) == ["Not a valid string."])
    }

    @Test("null is a value only where that is said")
    func nulls() {
        #expect(faults(.text(), .null) == [FieldErrors.null])
        #expect(faults(Schema.text().orNull, .null) == [])
    }

    @Test(
        "a whole number lies within its limits, and 3.0 is one",
        arguments: [
            (3 as JSONValue, true), (3.0, true), (3.5, false), (0, false), (11, false), ("3", false), (true, false),
        ])
    func integers(value: JSONValue, isGood: Bool) {
        #expect(faults(.integer(1...10), value).isEmpty == isGood)
    }

    @Test("a form writes numbers, truth values and objects as text")
    func forms() {
        #expect(faults(.integer(1...10), "3", isForm: true) == [])
        #expect(faults(.boolean, "true", isForm: true) == [])
        #expect(faults(.openObject, #"{"a":1}"#, isForm: true) == [])
        #expect(faults(.integer(1...10), "three", isForm: true) != [])
        #expect(faults(.openObject, "no object", isForm: true) == ["Value must be a JSON object."])
        #expect(faults(.boolean, "true") == ["Must be a valid boolean."])
    }

    @Test(
        "formats are checked",
        arguments: [
            (Schema.uuid, "6f2b8a0e-38c5-4f0c-9d3e-0a1b2c3d4e5f", true), (.uuid, "6f2b8a0e", false),
            (.date, "2026-02-28", true), (.date, "2026-02-30", false), (.date, "2026-2-3", false),
            (.dateTime, "2026-02-28T10:00:00Z", true), (.dateTime, "2026-02-28T10:00:00.25+02:00", true),
            (.dateTime, "1631-01-26T05:46:39+18:24", true), (.dateTime, "2026-02-28T10:00:00+24:00", false),
            (.dateTime, "yesterday", false), (.uri, "https://hooks.example/x", true), (.uri, "ftp://example", false),
            (.uri, "http://user:pw@example", false), (.uri, "javascript:alert(1)", false),
            (.email, "ops@example.org", true), (.email, "@example.org", false), (.email, "a b@example.org", false),
        ])
    func formats(schema: Schema, text: String, isGood: Bool) {
        #expect(faults(schema, .string(text)).isEmpty == isGood)
    }

    @Test("all faults of an object are told at once, with the place of each")
    func allFaults() {
        let schema = Schema.object([
            .required("name", .text()), .required("age", .integer(0...150)),
            .optional("tags", .list(.text(1...3), maximum: 2)),
        ])
        var errors = FieldErrors()
        _ = schema.check(["age": 200, "tags": ["long one", "ok"]], "", &errors)
        #expect(errors.messages.map(\.field) == ["name", "age", "tags"])
    }

    @Test("a list has no more items than its maximum")
    func longLists() {
        #expect(faults(.list(.text(), maximum: 1), ["a", "b"]) == ["Ensure this list has at most 1 items."])
    }

    @Test("what is not declared is left as it is")
    func unknownMembers() {
        var errors = FieldErrors()
        let checked = Schema.object([.optional("a", .text())]).check(["b": [1, .null]], "", &errors)
        #expect(checked == ["b": [1, .null]])
    }
}
