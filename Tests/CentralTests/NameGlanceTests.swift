import FoundationEssentials
import Testing

@testable import Central

@Suite("Whom an event names")
struct NameGlanceTests {
    /// Whom the decoder finds.
    private func decoded(_ text: String) -> String? {
        (try? JSONDecoder().decode(NamedUser.self, from: Data(text.utf8)))?.user
    }

    private func glance(_ text: String) -> String? {
        var glance = NameGlance(Array(text.utf8))
        return glance.user()
    }

    @Test("what devices write is read at a glance")
    func plain() {
        #expect(glance(#"{"user_id":"a","n":1}"#) == "a")
        #expect(glance(#"{"salt":"s","data":{"user_id":"b","score":0.5,"more":{"x":"y"}}}"#) == "b")
        #expect(glance(#"{"user_id":"o","data":{"user_id":"i"}}"#) == "o")
        #expect(glance(#"{"user_id":null,"data":{"user_id":"i"}}"#) == "i")
    }

    @Test(
        "a glance finds nobody whom the decoder does not find",
        arguments: [
            "", "{", "{}", "[]", "null", #"{"user_id""#, #"{"user_id":"a"#, #"{"x":"user_id","y":"data"}"#,
            #"{"user_id":"a","user_id":"b"}"#, #"{"data":{"user_id":"a","user_id":"b"}}"#,
            #"{"data":{"user_id":"a"},"data":{"user_id":"b"}}"#, #"{"data":{"x":{"user_id":"a"}}}"#,
            #"{"x":{"user_id":"a"}}"#, #"{"data":"user_id","y":{"user_id":"z"}}"#, #"{"us\u0065r_id":"a"}"#,
            #"{"user_id":"a\"b"}"#, #"{ "user_id" : "a" }"#, #"{"list":[{"user_id":"q"}],"user_id":"a"}"#,
            #"{"data":{"a":{}},"z":{"user_id":"n"}}"#, #"{"data":{"user_id":"k"},"other":"user_id"}"#,
            #"{"data":null,"x":{"user_id":"q"}}"#, #"{"user_id":"a"} "#, #"{"user_id":"a"}{"user_id":"b"}"#,
        ])
    func same(_ text: String) {
        guard let found = glance(text) else { return }
        #expect(found == decoded(text))
    }
}
