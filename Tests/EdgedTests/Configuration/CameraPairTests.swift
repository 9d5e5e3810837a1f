import Capture
import EdgeCore
import Recognition
import Testing

@testable import edged

@Suite("Roles and pairs of cameras in the configuration")
struct CameraPairTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let error as EdgeError {
            return error.detail.split(separator: "\n").map(String.init)
        } catch {
            return ["\(error)"]
        }
    }

    /// One table a camera, five lines each.
    private func cameras(_ tables: [(name: String, more: String)]) -> String {
        tables.enumerated().map { index, table in
            "[[cameras]]\nname = \"\(table.name)\"\ndevice = \"/dev/video\(index)\"\n\(table.more)\n\n"
        }.joined()
    }

    @Test("two doors, each with its infrared camera, which has the role ir without a word")
    func doors() throws {
        let configuration = try read(
            cameras([
                ("a", "role = \"door-in\"\ninfrared = \"a-ir\""), ("a-ir", "formats = [\"GREY\"]"),
                ("b", "role = \"door-out\"\ninfrared = \"b-ir\""), ("b-ir", "role = \"ir\""), ("c", ""),
            ]))
        #expect(configuration.cameras.map(\.role) == ["door-in", "ir", "door-out", "ir", nil])
        #expect(configuration.cameras.map(\.forCapture.infrared) == ["a-ir", nil, "b-ir", nil, nil])
        #expect(configuration.cameras[1].forCapture.role == "ir")
        #expect(configuration.cameras[1].formats == ["GREY"])
        let rows = configuration.entries.filter { $0.key.hasSuffix(".role") || $0.key.hasSuffix(".infrared") }
        #expect(rows.contains { $0.key == "cameras.a.infrared" && $0.value == "a-ir" })
        #expect(rows.contains { $0.key == "cameras.b.role" && $0.value == "door-out" })
    }

    @Test(
        "what does not go together is told with its line",
        arguments: [
            ([("a", "infrared = \"b\"")], "edged.toml:4: cameras[0].infrared: no [[cameras]] has the name \"b\""),
            ([("a", "infrared = \"a\"")], "edged.toml:4: cameras[0].infrared: a camera is not its own"),
            (
                [("a", "infrared = \"x\""), ("b", "infrared = \"x\""), ("x", "")],
                "edged.toml:9: cameras[1].infrared: \"x\" is beside \"a\" already"
            ),
            (
                [("a", "infrared = \"x\""), ("x", "infrared = \"y\""), ("y", "")],
                "edged.toml:4: cameras[0].infrared: \"x\" has an infrared camera itself"
            ),
            (
                [("a", "infrared = \"x\""), ("x", "role = \"door-out\"")],
                "edged.toml:4: cameras[0].infrared: \"x\" has the role \"door-out\""
            ),
            ([("a", "role = \"d\""), ("b", "role = \"d\"")], "edged.toml:9: cameras[1].role: \"d\" is used twice"),
            ([("a", "role = \"b\""), ("b", "")], "edged.toml:4: cameras[0].role: \"b\" is the name of another"),
            ([("ir", "")], "edged.toml:2: cameras[0].name: \"ir\" is the role"),
        ] as [([(name: String, more: String)], String)])
    func wrong(tables: [(name: String, more: String)], problem: String) {
        let found = problems(cameras(tables))
        #expect(found.count == 1 && found[0].hasPrefix(problem), "\(found)")
    }

    @Test("an infrared camera has none beside it")
    func ofInfrared() {
        let found = problems(cameras([("a", "role = \"ir\"\ninfrared = \"b\""), ("b", "")]))
        #expect(found.count == 1 && found[0].contains("cameras[0].infrared: an infrared camera"), "\(found)")
    }

    @Test("when the infrared camera has a say is read, and the tolerances stay within sense")
    func policy() throws {
        let standard = try read("").forSessions
        #expect(standard.infraredPolicy == .whenPaired)
        let changed = try read("[liveness]\ninfrared = \"required\"\ninfrared_offset = 0.2\ninfrared_scale = 2")
        #expect(changed.forSessions.infraredPolicy == .required)
        #expect(changed.forSessions.infraredOffset == 0.2 && changed.forSessions.infraredScale == 2)
        for line in ["infrared = \"on\"", "infrared_offset = 0.6", "infrared_scale = 1"] {
            #expect(problems("[liveness]\n\(line)").count == 1, "\(line)")
        }
    }
}
