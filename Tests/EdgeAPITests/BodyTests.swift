import EdgeCore
import FoundationEssentials
import Testing

@testable import EdgeAPI

@Suite("Request bodies")
struct BodyTests {
    @Test("base64 is read in every form in which it is sent", arguments: 0..<260)
    func readsBase64(length: Int) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let plain = Data(bytes).base64EncodedString()
        let urlSafe = plain.replacing("+", with: "-").replacing("/", with: "_")
        let broken = plain.enumerated().map { $0.offset % 76 == 75 ? "\($0.element)\r\n" : "\($0.element)" }.joined()
        for text in [plain, urlSafe, plain.replacing("=", with: ""), broken] {
            #expect(Base64Text.decode(Array(text.utf8)) == bytes)
        }
    }

    @Test(
        "what is not base64 is refused",
        arguments: ["A", "AAAAA", "AA=A", "A===", "AA=", "====", "AA==AA==", "ÄÖ", "AA,A"])
    func refusesOtherText(text: String) {
        #expect(Base64Text.decode(Array(text.utf8)) == nil)
    }

    @Test("a picture is found in every form that the guide and the reference know")
    func findsPicture() throws {
        let base64 = JSONValue.string(Picture.base64)
        let url = JSONValue.string("data:image/jpeg;base64,\(Picture.base64)")
        let forms: [RequestFields.Value] = [
            .json(base64), .json(url), .json(["base64": base64]), .json(["data": url]), .json(["image": base64]),
            .json(.array([url, base64])), .json(.array([["data": base64]])), .text(Array(Picture.base64.utf8)),
            .text(Array("data:image/jpeg;charset=x;base64,\(Picture.base64)".utf8)), .file(Picture.bytes),
            .file(Array("data:image/png;base64,\(Picture.base64)".utf8)),
        ]
        for form in forms {
            #expect(try ImageField.bytes(of: form, limit: 1000) == Picture.bytes)
        }
    }

    @Test("what is not a picture is refused by name")
    func refusesOtherPictures() {
        let forms: [RequestFields.Value?] = [
            nil, .json(.null), .json(1), .json(true), .json([:]), .json([]), .json(["data": 1]), .json("%%%"),
            .json("data:image/jpeg,plain"), .json("data:;base64"), .json([[["data": "AAAA"]]]),
            .json(["data": ["data": ["data": "AAAA"]]]),
        ]
        for form in forms {
            #expect(throws: FieldErrors.self) { try ImageField.bytes(of: form, limit: 1000) }
        }
        for form in [RequestFields.Value.json(""), .file([]), .text([]), .json("data:image/jpeg;base64,")] {
            #expect(throws: EdgeError(.imageEmpty, field: "image")) { try ImageField.bytes(of: form, limit: 1000) }
        }
        #expect {
            try ImageField.bytes(of: .file(Picture.bytes), limit: 10)
        } throws: { error in
            (error as? EdgeError)?.code == .requestTooLarge
        }
    }

    @Test("forms decode plus, percent and broken escapes as browsers do")
    func readsForms() throws {
        let fields = try URLEncodedForm.parse(Array("a=1+2&b=%41%2b%zz&c&=d&a=2&e=%".utf8))
        #expect(fields.map(\.name) == ["a", "b", "c", "", "a", "e"])
        #expect(fields.map { String(decoding: $0.value, as: UTF8.self) } == ["1 2", "A+%zz", "", "d", "2", "%"])
    }

    @Test("JSON comes out as it went in, with names in order")
    func roundTripsJSON() throws {
        let text = #"{"a":[1,-2.5,true,null,"\"\\\n\t\u0001é😀"],"b":{"c":{}},"d":9007199254740993}"#
        #expect(String(decoding: try JSONValue.parse(Array(text.utf8)).bytes, as: UTF8.self) == text)
    }

    @Test("broken JSON is malformed, never a crash")
    func refusesBrokenJSON() {
        let deep = String(repeating: "[", count: 100_000)
        for text in [
            "", "{", "nul", "{\"a\":}", "\u{FEFF}{", "[1,]", "{\"a\":\"\\ud800\"}", deep, "\"\u{0}\"", "1e999",
        ] {
            do throws(EdgeError) {
                _ = try JSONValue.parse(Array(text.utf8))
            } catch {
                #expect(error.code == .requestMalformed)
            }
        }
    }

    @Test("every fault is named at once")
    func namesEveryFault() throws {
        let body = try JSONValue.parse(
            Array(#"{"a":" ","b":[1],"c":"x","d":"many","e":1.5,"f":"\u0007","g":null,"h":"yes?","i":"noon"}"#.utf8))
        let schema = Schema.object([
            .required("a", .text()), .required("b", .text()), .required("c", .choice(FrameOrigin.self)),
            .optional("d", .openObject), .optional("e", .integer(0...9)), .required("f", .text()),
            .required("g", .text()), .optional("h", .boolean), .optional("i", .dateTime), .required("j", .text()),
        ])
        var errors = FieldErrors()
        _ = schema.check(body, "", &errors)
        #expect(errors.messages.map(\.field) == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
    }

    @Test(
        "points in time are ISO 8601",
        arguments: ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+02:00"])
    func readsDates(text: String) {
        #expect(WireDate.parse(text) != nil)
    }
}
