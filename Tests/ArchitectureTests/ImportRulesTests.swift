import Foundation
import Testing

@Suite("Import rules")
struct ImportRulesTests {
    @Test(
        "a room imports only what lies below it, and nothing it has no rule for", arguments: House.rooms.map(\.folder))
    func downNeverAcross(room: String) throws {
        let rule = try #require(House.rooms.first { $0.folder == room })
        let allowed = rule.modules.union(rule.libraries).union(House.language)
            .union(["EdgeCore", "SyncCore"].contains(room) ? [] : ["EdgeCore"])
        for file in SourceTree.swift("Sources/\(room)") {
            let others = try imports(of: file).subtracting(allowed)
            #expect(
                others.isEmpty,
                """
                \(file.path) imports \(others.sorted()): rooms meet in EdgeCore or in edged, and a library lives in one \
                room, so that each can be exchanged and tested alone
                """)
        }
    }

    @Test("no rule allows more than is used", arguments: House.rooms.map(\.folder))
    func rulesAreUsed(room: String) throws {
        let rule = try #require(House.rooms.first { $0.folder == room })
        let used = try SourceTree.swift("Sources/\(room)").reduce(into: Set<String>()) {
            $0.formUnion(try imports(of: $1))
        }
        let unused = rule.modules.union(rule.libraries).subtracting(used)
        let arrived = rule.awaited.intersection(used)
        #expect(arrived.isEmpty, "\(room) uses \(arrived.sorted()) by now: move it from awaited to what is allowed")
        #expect(
            unused.isEmpty,
            "\(room) may import \(unused.sorted()) and does not: take it out of the rule and out of Package.swift")
    }

    @Test("every folder of Sources is a room with a rule or a C target")
    func everyRoomHasARule() throws {
        let folders = Set(try SourceTree.folders(in: "Sources"))
        #expect(
            folders == Set(House.rooms.map(\.folder)).union(House.ground),
            "a new room needs a line in ImportRules.swift and in docs/map.md, so that its place is decided")
        for target in House.ground {
            #expect(SourceTree.swift("Sources/\(target)").isEmpty, "\(target) is C only: decisions are taken in Swift")
        }
    }

    @Test("a library with one home is named by no other room's rule")
    func oneHome() {
        for (library, homes) in House.homes {
            let users = House.rooms.filter { $0.libraries.union($0.modules).union($0.awaited).contains(library) }.map(
                \.folder)
            #expect(Set(users) == homes, "\(library) belongs to \(homes.sorted()), so that it can be exchanged there")
        }
    }

    @Test("Package.swift gives each room exactly what its rule allows", arguments: House.rooms.map(\.folder))
    func packageAgrees(room: String) throws {
        let rule = try #require(House.rooms.first { $0.folder == room })
        let wanted = rule.modules.union(rule.libraries).union(rule.awaited).subtracting(["Foundation"])
        let given = try declaredDependencies(of: room).subtracting(["EdgeCore"])
        #expect(
            given == wanted,
            """
            \(room): \(given.symmetricDifference(wanted).sorted()) stands on one side only; the compiler checks what \
            Package.swift says, so it must say the same as the rule
            """)
    }

    /// The own modules and products that a target of `Package.swift` names.
    private func declaredDependencies(of room: String) throws -> Set<String> {
        let manifest = try SourceTree.text("Package.swift")
        let pattern =
            room == "edged"
            ? #"name: "edged",\s*dependencies: \[([^\]]*)\]"# : #"room\(\s*"\#(room)",\s*\[([^\]]*)\]"#
        let target = try #require(
            try Pattern(pattern).matches(in: manifest).first, "Package.swift has no target \(room)")
        let shorthands = ["log": "Logging", "metrics": "Metrics", "hummingbird": "Hummingbird"]
        let words = try Pattern(#"\.product\(name: "(\w+)", package: "[^"]+"\)|"(\w+)"|\b(log|metrics|hummingbird)\b"#)
        return Set(
            words.matches(in: target.groups[1]).map { match in
                shorthands[match.groups[3]] ?? (match.groups[1].isEmpty ? match.groups[2] : match.groups[1])
            })
    }

    @Test("only tests import EdgeTesting and the testing libraries")
    func testingStaysInTests() throws {
        for file in SourceTree.swift("Sources") {
            let wrong = try imports(of: file).intersection(["EdgeTesting", "Testing", "XCTest", "HummingbirdTesting"])
            #expect(wrong.isEmpty, "\(file.path) imports \(wrong.sorted()): fakes must not ship")
        }
    }

    @Test("a room's tests look into their own room only", arguments: House.rooms.map(\.folder))
    func testsStayInTheirRoom(room: String) throws {
        let others = Set(House.rooms.map(\.folder)).subtracting([room, "EdgeCore", "EdgeTesting", "SyncCore"])
            .subtracting(House.neighboursInTests[room]?.rooms ?? [])
        for file in SourceTree.swift("Tests/\(room)Tests") {
            let across = try imports(of: file).intersection(others)
            #expect(
                across.isEmpty,
                "\(file.path) imports \(across.sorted()): what needs two rooms is tested in ScenarioTests, as a whole")
        }
    }

    @Test("nobody imports FoundationNetworking, which would drag libcurl into the daemon")
    func noFoundationNetworking() throws {
        for file in SourceTree.swift("Sources", "Tests") {
            #expect(try !imports(of: file).contains("Foundation" + "Networking"), "\(file.path)")
        }
    }
}

/// The modules that a file imports, whatever stands before the word and whichever symbol it names.
func imports(of file: SourceFile) throws -> Set<String> {
    let line = try Pattern(
        #"^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?import[ \t]+"#
            + #"(?:(?:struct|class|enum|func|protocol|typealias|let|var|actor)[ \t]+)?(\w+)"#)
    return Set(line.matches(in: file.code.text).map { $0.groups[1] })
}
