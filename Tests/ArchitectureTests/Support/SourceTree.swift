import Foundation
import Glibc
import Testing

/// One text file of the project.
struct SourceFile: Sendable {
    /// From the project's root, with slashes.
    let path: String
    let text: String

    var name: String { String(path.split(separator: "/").last ?? "") }
    /// Counts as editors do: the last line need not end.
    var lineCount: Int {
        text.split(separator: "\n", omittingEmptySubsequences: false).count - (text.hasSuffix("\n") ? 1 : 0)
    }
    /// The text without comments and string literals; empty for what is neither Swift nor C.
    let code: CodeText

    init(path: String, text: String) {
        self.path = path
        self.text = text
        let isCode = [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        code = CodeText(isCode ? text : "")
    }
}

/// The project as it lies on disk, without what `.gitignore` keeps out of it.
enum SourceTree {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file that belongs to the project and is text.
    static let files: [SourceFile] = paths(below: "").compactMap { path in
        guard let data = FileManager.default.contents(atPath: root.appending(path: path).path) else { return nil }
        guard data.count < 2_000_000, let text = String(data: data, encoding: .utf8) else { return nil }
        return SourceFile(path: path, text: text)
    }

    /// Swift files below one of the folders.
    static func swift(_ folders: String...) -> [SourceFile] {
        files.filter { file in file.path.hasSuffix(".swift") && folders.contains { file.path.hasPrefix($0 + "/") } }
    }

    /// The text of one file, which must be there.
    static func text(_ path: String) throws -> String {
        try #require(files.first { $0.path == path }?.text, "\(path) belongs to the project and is missing")
    }

    /// The folders directly below `folder`.
    static func folders(in folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: folder).path)
        return names.filter { name in files.contains { $0.path.hasPrefix("\(folder)/\(name)/") } }.sorted()
    }

    private static let ignored: [String] = {
        let text = try? String(contentsOf: root.appending(path: ".gitignore"), encoding: .utf8)
        return (text ?? "").split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") } + [".git"]
    }()

    private static func isIgnored(_ path: String, name: String) -> Bool {
        ignored.contains { line in
            let pattern = line.hasSuffix("/") ? String(line.dropLast()) : line
            return pattern.hasPrefix("/") ? "/" + path == pattern : fnmatch(pattern, name, 0) == 0
        }
    }

    private static func paths(below folder: String) -> [String] {
        let here = folder.isEmpty ? root : root.appending(path: folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: here.path)) ?? []
        return names.sorted().flatMap { name -> [String] in
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard !isIgnored(path, name: name) else { return [] }
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: root.appending(path: path).path, isDirectory: &isFolder) else {
                return []
            }
            return isFolder.boolValue ? paths(below: path) : [path]
        }
    }
}

/// An exception to a rule; it must say why, and it must still be needed.
struct Exception: Sendable {
    let path: String
    let reason: String

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }

    /// Whether the exception covers a file: the very file, or everything below a folder that ends in a slash.
    func covers(_ file: String) -> Bool { path.hasSuffix("/") ? file.hasPrefix(path) : file == path }
}

/// Checks that nobody breaks a rule except where it is allowed, and that every permission is still used.
func expectOnly(_ exceptions: [Exception], in offenders: [(path: String, what: String)], why: String) {
    for offender in offenders where !exceptions.contains(where: { $0.covers(offender.path) }) {
        Issue.record("\(offender.path): \(offender.what). \(why)")
    }
    for exception in exceptions {
        #expect(!exception.reason.isEmpty, "\(exception.path): an exception says why it stands")
        #expect(
            offenders.contains { exception.covers($0.path) },
            "the exception for \(exception.path) is no longer needed: remove it, so that the list shrinks")
    }
}
