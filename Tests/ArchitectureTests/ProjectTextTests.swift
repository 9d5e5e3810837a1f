import Foundation
import Testing

/// Looks at every text file that belongs to the project, not only at sources.
@Suite("Project text")
struct ProjectTextTests {
    /// Hosts that the project's text may name; the last part decides.
    private static let hosts: [String: String] = [
        "github.com": "where dependencies live",
        "www.apache.org": "the licence's own text",
        "127.0.0.1": "examples",
        "www.debian.org": "the form of a package's copyright file is named by its address",
        "localhost": "a server of the tests, by a name that its certificate can bear",
        "www.w3.org": "the name of the SVG namespace, which is not a link",
        "keepachangelog.com": "the changelog's form",
        "raw.githubusercontent.com": "the only origin of the passive liveness weights",
    ]

    /// Made-up secrets and paths that a file needs, and why.
    private static let secretLike: [Exception] = []
    private static let machinePaths: [Exception] = [
        Exception("Tests/RecognitionTests/Evaluation/EvaluationTests.swift", "a made-up root of a list of pairs")
    ]

    @Test("no file names a path of the machine that it was written on")
    func paths() throws {
        // Spelt with a class of one letter each, so that this file does not find itself.
        let path = #"(?:^|[\s"'`=(:])/(?:[w]ork|[h]ome/[a-z]|[r]oot/|[U]sers/)[\w./-]*"#
        expectOnly(
            Self.machinePaths, in: try offenders(path),
            why: "Whoever clones the project has other paths: build one from the project's root or the configuration.")
    }

    @Test("no file holds what looks like a secret")
    func secrets() throws {
        let secret =
            #"-----[B]EGIN [A-Z ]*PRIVATE KEY|\b[f]rapi_[\w-]{43}|\b[s]ess_[\w-]{43}|\bAK[I]A[0-9A-Z]{16}\b|\bgh[pousr]_\w{36}|\b[e]yJ[\w-]{10,}\.eyJ[\w-]{10,}\."#
        expectOnly(
            Self.secretLike, in: try offenders(secret),
            why: "A secret in the project is everybody's: make it at run time, or read it from a file with mode 0600.")
    }

    @Test("web addresses lead only to hosts that the project stands by")
    func addresses() throws {
        var used: Set<String> = []
        let address = try Pattern(#"\bhttps?://(?:[^\s/"'`@<>]*@)?([A-Za-z0-9.-]*[A-Za-z0-9])"#)
        for file in SourceTree.files {
            for match in address.matches(in: file.text) {
                let host = match.groups[1].lowercased()
                if Self.isReserved(host) { continue }
                used.insert(host)
                #expect(
                    Self.hosts[host] != nil,
                    """
                    \(file.path) names the host \(host): which mirror or registry serves a package is the machine's \
                    business, and a link that a reader needs gets an entry here with its reason
                    """)
            }
        }
        for host in Self.hosts.keys {
            #expect(used.contains(host), "nothing names \(host) any more: remove it, so that the list shrinks")
        }
    }

    @Test("no file is set up for one registry")
    func registries() throws {
        let option =
            #"(?:extra-)?[i]ndex-url\b|\bPIP_[I]NDEX\b|\b[r]egistry\.[a-z]+\.|\b[p]ypi\.org\b|\bfiles\.[p]ythonhosted\b"#
        expectOnly(
            [], in: try offenders(option),
            why: "Packages are named and pinned by hash; from where they come is set on the machine.")
    }

    @Test("text is UTF-8 with Unix line ends, without trailing spaces, and ends with a line end")
    func form() {
        let marked = [".swift", ".md", ".c", ".h", ".py", ".sh", ".service", ".toml", ".yml"]
        for file in SourceTree.files where marked.contains(where: { file.path.hasSuffix($0) }) {
            #expect(!file.text.utf8.contains(13), "\(file.path) has carriage returns: diffs would show every line")
            #expect(file.text.isEmpty || file.text.hasSuffix("\n"), "\(file.path) does not end with a line end")
            let trailing = file.text.split(separator: "\n").contains { $0.hasSuffix(" ") || $0.hasSuffix("\t") }
            #expect(!trailing, "\(file.path) has spaces at a line's end, which no reader sees and every diff shows")
        }
    }

    @Test("the licence is the whole Apache-2.0 text")
    func licence() throws {
        let text = try SourceTree.text("LICENSE")
        for phrase in [
            "Apache License", "Version 2.0, January 2004", "TERMS AND CONDITIONS FOR USE, REPRODUCTION",
            "9. Accepting Warranty or Additional Liability", "END OF TERMS AND CONDITIONS",
        ] {
            #expect(text.contains(phrase), "LICENSE lacks \"\(phrase)\": a licence counts only as a whole")
        }
        #expect(text.split(separator: "\n").count > 150)
    }

    @Test("every link in a document leads to a file that is there")
    func links() throws {
        let link = try Pattern(#"\]\(([^)#\s]+)(?:#[^)]*)?\)"#)
        for file in SourceTree.files where file.path.hasSuffix(".md") {
            let folder = file.path.split(separator: "/").dropLast().joined(separator: "/")
            for match in link.matches(in: file.text) {
                let target = match.groups[1]
                if target.contains("://") || target.hasPrefix("mailto:") { continue }
                let here = folder.isEmpty ? SourceTree.root : SourceTree.root.appending(path: folder)
                let there = here.appending(path: target).standardizedFileURL.path
                #expect(
                    FileManager.default.fileExists(atPath: there),
                    "\(file.path) links to \(target), which is not there: a reader would be lost")
            }
        }
    }

    private func offenders(_ words: String) throws -> [(path: String, what: String)] {
        let pattern = try Pattern(words)
        return SourceTree.files.flatMap { file in
            pattern.matches(in: file.text).map { (path: file.path, what: "line \($0.line)") }
        }
    }

    /// Names that lead nowhere by agreement (RFC 2606), and addresses of this machine.
    private static func isReserved(_ host: String) -> Bool {
        ["example", "invalid", "test"].contains { host == $0 || host.hasSuffix("." + $0) }
            || ["example.com", "example.org", "example.net"].contains { host == $0 || host.hasSuffix("." + $0) }
    }
}
