import EdgeCore
import Testing

/// A technician who reads a code on the status page finds it in the runbook, with the very words of the program.
@Suite("Runbook")
struct RunbookTests {
    @Test("has the line of every error code", arguments: ErrorCode.allCases)
    func errorCodes(code: ErrorCode) throws {
        let row = "| `\(code.rawValue)` | \(code.title) | \(code.remedy) |"
        #expect(
            try SourceTree.text("docs/runbook.md").contains(row),
            "docs/runbook.md must have the line \(row): a code that nobody can look up helps nobody on site")
    }

    @Test("has the line of every reason", arguments: Reason.allCases)
    func reasons(reason: Reason) throws {
        let row = "| `\(reason.rawValue)` | \(reason.message) |"
        #expect(
            try SourceTree.text("docs/runbook.md").contains(row),
            "docs/runbook.md must have the line \(row): an integrator looks up reasons there")
    }

    @Test("explains every condition that a room raises under a code of its own")
    func conditions() throws {
        let runbook = try SourceTree.text("docs/runbook.md")
        for (code, path) in try raisedCodes() {
            #expect(runbook.contains("| `\(code)` |"), "\(path) raises \(code), which docs/runbook.md does not explain")
        }
    }

    @Test("tells of no code that the program never says")
    func nothingInvented() throws {
        let known = Set(ErrorCode.allCases.map(\.rawValue) + Reason.allCases.map(\.rawValue))
        let rows = try Pattern(#"^\| `([a-z_.]+)` \|"#).matches(in: SourceTree.text("docs/runbook.md")).map {
            $0.groups[1]
        }
        let invented = Set(rows).subtracting(known).subtracting(try raisedCodes().map(\.code))
        #expect(invented.isEmpty, "docs/runbook.md explains \(invented.sorted()), which nobody will ever look up")
    }

    private func raisedCodes() throws -> [(code: String, path: String)] {
        let raise = try Pattern(#"\braise\(\s*"([a-z_.]+)""#)
        return SourceTree.swift("Sources").flatMap { file in
            raise.matches(in: file.text).map { (code: $0.groups[1], path: file.path) }
        }
    }
}
