import Testing

@Suite("Sizes")
struct SizeTests {
    private static let longFiles: [Exception] = []
    private static let longFunctions: [Exception] = [
        Exception("Sources/EdgeCore/Errors/ErrorCode+Text.swift", "a table: one line for each code"),
        Exception("Tests/EdgedTests/Configuration/ConfigurationTests.swift", "one text with every key"),
    ]

    @Test("no file is longer than 400 lines")
    func files() {
        let kinds = [".swift", ".c", ".h", ".py", ".sh"]
        let offenders = SourceTree.files
            .filter { file in kinds.contains { file.path.hasSuffix($0) } || file.text.hasPrefix("#!") }
            .filter { $0.lineCount > 400 }.map { (path: $0.path, what: "\($0.lineCount) lines") }
        expectOnly(
            Self.longFiles, in: offenders,
            why: "A long file hides a decision: find it and make it a value of its own.")
    }

    @Test("no function is longer than 60 lines")
    func functions() throws {
        let swift = try SourceTree.swift("Sources", "Tests").flatMap { file in
            try file.code.swiftFunctions().map { (file, $0) }
        }
        let c = SourceTree.files.filter { $0.path.hasSuffix(".c") }.flatMap { file in
            file.code.cFunctions().map { (file, $0) }
        }
        let offenders = (swift + c).filter { $0.1.lineCount > 60 }.map {
            (path: $0.0.path, what: "\($0.1.name) at line \($0.1.firstLine) has \($0.1.lineCount) lines")
        }
        expectOnly(
            Self.longFunctions, in: offenders,
            why: "What cannot be seen at once cannot be reviewed: take out the plan, the parser or the state machine.")
    }

    @Test("the README is read by people in a hurry: at most 150 lines")
    func readme() throws {
        let lines = try SourceTree.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 151, "README.md has \(lines) lines: the rest belongs into docs/")
    }

    @Test("docs/map.md has at most 200 lines, a decision at most 60")
    func documents() throws {
        #expect(try SourceTree.text("docs/map.md").split(separator: "\n").count <= 200)
        let decisions = SourceTree.files.filter { $0.path.hasPrefix("docs/decisions/") }
        #expect(decisions.count >= 8, "decisions are written down while they are fresh")
        for decision in decisions {
            #expect(decision.lineCount <= 60, "\(decision.path): a decision that takes longer is two decisions")
            #expect(
                decision.name.wholeMatch(of: /\d{4}-[a-z0-9-]+\.md/) != nil, "\(decision.path): NNNN-short-title.md")
        }
    }
}
