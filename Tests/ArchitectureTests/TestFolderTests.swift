import Testing

@Suite("Test folders")
struct TestFolderTests {
    @Test("every room has tests")
    func everyRoomIsTested() throws {
        let folders = try SourceTree.folders(in: "Tests")
        for room in House.rooms.map(\.folder) where room != "EdgeTesting" {
            let wanted = room == "edged" ? "EdgedTests" : "\(room)Tests"
            #expect(
                folders.contains(wanted), "Tests/\(wanted) is missing: a room without tests cannot be changed safely")
        }
    }

    @Test("every test folder has tests, and no placeholder stands in for them")
    func everyFolderHasTests() throws {
        for folder in try SourceTree.folders(in: "Tests") {
            let files = SourceTree.files.filter { $0.path.hasPrefix("Tests/\(folder)/") }
            let swift = files.filter { $0.path.hasSuffix(".swift") && $0.code.text.contains("@Test") }
            let python = files.filter { $0.name.hasPrefix("test_") && $0.text.contains("def test_") }
            #expect(!swift.isEmpty || !python.isEmpty, "Tests/\(folder) tests nothing")
        }
        for file in SourceTree.files {
            #expect(!file.name.hasPrefix("Placeholder"), "\(file.path) stands in for something that is there by now")
        }
    }

    @Test("a test is a sentence")
    func sentences() throws {
        let bare = try Pattern(#"@(?:Test|Suite)\b(?!\s*\()"#)
        for file in SourceTree.swift("Tests") {
            for match in bare.matches(in: file.code.text) {
                Issue.record(
                    "\(file.path) line \(match.line): a test that fails without a sentence tells nobody what broke")
            }
        }
    }

    @Test("no test is switched off")
    func nothingDisabled() throws {
        let off = try Pattern(#"\.disabled\(|\bwithKnownIssue\b"#)
        for file in SourceTree.swift("Tests") where off.isFound(in: file.code.text) {
            Issue.record(
                "\(file.path) switches a test off: mend it or delete it, a skipped test is read as a passed one")
        }
    }
}
