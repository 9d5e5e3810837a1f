import ArgumentParser
import EdgeCore
import Foundation

/// `edged audit export`.
struct AuditExportCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write lines of the audit trail to a file, with the proof that the device signed for them.",
        discussion: """
            `edged audit verify --export FILE --public-key KEY` checks the file anywhere, with nothing but the device's \
            public key. The lines name clients, sessions and people by number, never by name.
            """)
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "From this line on: its number, a time, or how long ago.")
    var from: String?
    @Option(name: .long, help: "Up to this line, which is included; or up to this time.")
    var to: String?
    @Option(name: .long, help: "The file to write; it must not be there yet.")
    var out: String

    func perform() async throws -> ExitCode {
        let span = Control.AuditSpan(from: from, to: to)
        let file = try ExportFile(out)
        let lines: Int64
        do {
            lines = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await Self.records(span, counter) { texts in try file.write(texts) }
            }
            try file.finish()
        } catch {
            file.discard()
            throw error
        }
        let made = Control.AuditExported(file: file.path, lines: lines)
        if common.json { try Output.json(made) } else { Output.line("\(lines) lines written to \(file.path)") }
        return ExitStatus.yes
    }

    /// Every record of an export, in order; how many lines there are.
    static func records(
        _ span: Control.AuditSpan, _ counter: Counter, _ put: ([String]) throws -> Void
    ) async throws -> Int64 {
        let plan = try await counter.ask(.auditPlan, span, as: Control.AuditPlan.self)
        try put([plan.header])
        for part in plan.parts {
            try put([part.head])
            var next = part.first
            while next <= part.last {
                let stretch = Control.AuditStretch(first: next, last: part.last)
                let texts = try await counter.ask(.auditStretch, stretch, as: Control.AuditTexts.self)
                guard !texts.lines.isEmpty else { throw EdgeError(.storeCorrupt, "Audit lines are missing.") }
                try put(texts.lines)
                next += Int64(texts.lines.count)
            }
            if let proof = part.proof { try put([proof]) }
        }
        try put([plan.end])
        return plan.lines
    }
}

extension Control {
    struct AuditExported: Codable {
        var file: String
        var lines: Int64
    }
}

/// A file that comes to be as a whole or not at all.
private struct ExportFile {
    let path: String
    private let draft: String
    private let handle: FileHandle

    init(_ name: String) throws(EdgeError) {
        path = URL(filePath: name).path
        draft = "\(path).part"
        guard !FileManager.default.fileExists(atPath: path) else {
            throw EdgeError(.requestInvalid, "the file is there already", field: "out")
        }
        guard FileManager.default.createFile(atPath: draft, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: draft)
        else { throw EdgeError(.requestInvalid, "the file cannot be made", field: "out") }
        self.handle = handle
    }

    func write(_ lines: [String]) throws(EdgeError) {
        do { try handle.write(contentsOf: Data(lines.map { "\($0)\n" }.joined().utf8)) } catch {
            throw EdgeError(.storeFull, "The export cannot be written.")
        }
    }

    func finish() throws(EdgeError) {
        do {
            try handle.synchronize()
            try handle.close()
            try FileManager.default.moveItem(atPath: draft, toPath: path)
        } catch {
            throw EdgeError(.storeFull, "The export cannot be written.")
        }
    }

    /// Nobody waits for half a file.
    func discard() {
        try? handle.close()
        try? FileManager.default.removeItem(atPath: draft)
    }
}
