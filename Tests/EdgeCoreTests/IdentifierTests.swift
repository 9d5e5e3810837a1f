import EdgeCore
import Foundation
import Testing

@Suite("Identifier")
struct IdentifierTests {
    private let text = "0f8fad5b-d9cb-469f-a165-70867728950e"

    @Test("reads either case and writes lower case")
    func textForm() throws {
        #expect(try #require(PersonID(text)).description == text)
        #expect(try #require(PersonID(text.uppercased())).description == text)
    }

    @Test(
        "text that is not a UUID is no id",
        arguments: ["", "1", "0f8fad5b-d9cb-469f-a165-7086772895", "0f8fad5bd9cb469fa16570867728950e ", "../../etc"])
    func refusesOtherText(text: String) {
        #expect(PersonID(text) == nil)
    }

    @Test("fresh ids differ")
    func freshIDsDiffer() {
        #expect(Set((0..<1000).map { _ in SessionID() }).count == 1000)
    }

    @Test("travels through JSON as a plain lower-case string")
    func codable() throws {
        let id = try #require(ClientID(text))
        let data = try JSONEncoder().encode(["id": id])
        #expect(String(decoding: data, as: UTF8.self) == #"{"id":"\#(text)"}"#)
        #expect(try JSONDecoder().decode([String: ClientID].self, from: data) == ["id": id])
        #expect(throws: (any Error).self) {
            try JSONDecoder().decode([String: ClientID].self, from: Data(#"{"id":"nobody"}"#.utf8))
        }
    }
}
