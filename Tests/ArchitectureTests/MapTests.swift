import Foundation
import Testing

/// A map that names what is no longer there leads people astray.
@Suite("Map")
struct MapTests {
    @Test("docs/map.md names only types and rooms that are there")
    func types() throws {
        let declaration = try Pattern(#"\b(?:class|struct|enum|actor|protocol|typealias)[ \t]+(\w+)"#)
        var known = Set(try SourceTree.folders(in: "Sources") + SourceTree.folders(in: "Tests"))
        for file in SourceTree.swift("Sources", "Tests") {
            known.formUnion(declaration.matches(in: file.code.text).map { $0.groups[1] })
        }
        for name in try Pattern(#"`([A-Z]\w+)(?:\.\w+\(\))?`"#).matches(in: SourceTree.text("docs/map.md")) {
            #expect(
                known.contains(name.groups[1]),
                "docs/map.md line \(name.line) sends the reader to \(name.groups[1]), which is not there any more")
        }
    }

    @Test("docs/map.md names only files and folders that are there")
    func paths() throws {
        for match in try Pattern(#"`([A-Za-z]\w*(?:/[\w.+-]+)+)`"#).matches(in: SourceTree.text("docs/map.md")) {
            let path = match.groups[1]
            let places = [path, "Sources/\(path)"].map { SourceTree.root.appending(path: $0).path }
            #expect(
                path.contains("VersionN") || places.contains { FileManager.default.fileExists(atPath: $0) },
                "docs/map.md line \(match.line) sends the reader to \(path), which is not there any more")
        }
    }

    @Test("every room stands on the map")
    func rooms() throws {
        let map = try SourceTree.text("docs/map.md")
        for room in House.rooms.map(\.folder).filter({ $0 != "EdgeTesting" }) {
            #expect(map.contains("| `\(room)` |"), "docs/map.md has no line for \(room)")
        }
        for target in House.ground { #expect(map.contains(target), "docs/map.md does not show \(target)") }
    }
}
