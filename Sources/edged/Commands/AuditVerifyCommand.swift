import ArgumentParser
import EdgeCore
import Foundation
import Vault

/// `edged audit verify`.
struct AuditVerifyCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Look for what was changed: in the store, or in an export of the audit trail.",
        discussion: """
            Without --export it walks the audit chain, grows the trees of the checkpoints again, checks the file, sums up all \
            tables and opens what is sealed of people and sessions; it says what it did not look at. Alarms stand until \
            `edged audit accept`, which takes what was told here last. Exit codes: 0 nothing was found, \
            1 something was changed, 2 could not tell.
            """)
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "Check this file, which `edged audit export` wrote, and touch no store.")
    var export: String?
    @Option(name: .long, help: "The device's public key, or a file with it. Without it nobody can tell who signed.")
    var publicKey: String?

    @Option(
        name: .long,
        help: "A file with the key that `edged audit seal-key` gave out: holds the lines against their seals.")
    var sealKey: String?

    func perform() async throws -> ExitCode {
        let seal = try sealKey.map { path throws(EdgeError) in try Self.seal(path) }
        if let export { return try checkExport(export, seal) }
        let store = try await checkStore()
        guard let seal else { return store }
        let trail = try await checkTrail(seal)
        return store == ExitStatus.yes ? trail : store
    }

    private static func seal(_ path: String) throws(EdgeError) -> AuditTailKey {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), let key = AuditTailKey(text: text) else {
            throw EdgeError(.requestInvalid, "that is no file with a seal key", field: "seal-key")
        }
        return key
    }

    private func checkStore() async throws -> ExitCode {
        let proof: Control.StoreProof
        do {
            // A damaged store is evidence: without a daemon it is left as it is.
            var configuration = try common.configuration()
            configuration.storeRecovers = false
            proof = try await Counter.serve(configuration, need: .store) { counter in
                try await counter.ask(.auditVerify, Control.Nothing(), as: Control.StoreProof.self)
            }
        } catch let error as EdgeError where error.code != .configurationInvalid {
            Output.tell(error, asJSON: common.json)
            return error.code == .storeCorrupt ? ExitStatus.no : ExitStatus.cannotTell
        }
        if common.json { try Output.json(proof) } else { Self.tell(proof) }
        return proof.isWhole ? ExitStatus.yes : ExitStatus.no
    }

    private static func tell(_ proof: Control.StoreProof) {
        if let line = proof.firstBrokenLine {
            Output.line("audit: line \(line) is not as it was written, or is missing")
        } else {
            Output.line("audit: \(proof.auditLines) lines, each as it was written")
        }
        let coverage = proof.coverage
        Output.line(
            "checkpoints: \(coverage.checkpoints) in \(coverage.epochs) epochs, signed for up to line \(coverage.signedThrough)"
        )
        for (table, count) in proof.brokenSeals.sorted(by: { $0.key < $1.key }) {
            Output.line("seals: \(count) of \(table) cannot be opened")
        }
        if proof.brokenSeals["people"] != nil {
            Output.line("people: edged people list names those that are damaged; enroll them again or erase them")
        }
        if proof.brokenSeals.isEmpty { Output.line("seals: \(proof.sealedRecords) records opened") }
        if let people = proof.misfiledPeople, people > 0 {
            Output.line("people: \(people) under another external id than their own, and not found by it")
        }
        for fault in proof.fileFaults { Output.line("file: \(fault)") }
        if proof.fileFaults.isEmpty { Output.line("file: sound") }
        for table in proof.editedTables { Output.line("rows: \(table) was changed past edged") }
        if proof.editedTables.isEmpty { Output.line("rows: each as it was written") }
        let lanes = proof.brokenLanes ?? [:]
        for (lane, first) in lanes.sorted(by: { $0.key < $1.key }) {
            Output.line("lanes: record \(first) of \(lane) is not as it was written, or is missing")
        }
        if lanes.isEmpty { Output.line("lanes: each record as it was written") }
        for alarm in proof.alarms { Output.line("alarm: \(alarm)") }
        for gap in coverage.notCovered { Output.line("not covered: \(gap)") }
    }

    // MARK: An export

    /// Reads the trail as it would be exported.
    ///
    /// The seal key comes to the device by this, and whoever has the device has it.
    private func checkTrail(_ seal: AuditTailKey) async throws -> ExitCode {
        let check = try await Counter.serve(try common.configuration(), need: .store) { counter in
            let key = try await counter.ask(.auditPublicKey, Control.Nothing(), as: Control.PublicKey.self)
            var check = AuditExportCheck(publicKey: Array(key.publicKey), sealKey: seal, PublicProofChecker())
            _ = try await AuditExportCommand.records(Control.AuditSpan(), counter) { texts in
                for text in texts { try check.take(AuditExport.Record(text: text.utf8)) }
            }
            return check
        }
        Output.complain("The seal key was on the device: give out a new one, and check exports elsewhere.")
        return try judge(check)
    }

    private func checkExport(_ path: String, _ seal: AuditTailKey?) throws -> ExitCode {
        var check = AuditExportCheck(
            publicKey: try publicKey.map { text throws(EdgeError) in try PublicKeyText.bytes(text) }, sealKey: seal,
            PublicProofChecker())
        try LinesOfFile.each(path) { line throws(EdgeError) in
            try check.take(AuditExport.Record(text: line))
        }
        return try judge(check)
    }

    private func judge(_ read: AuditExportCheck) throws -> ExitCode {
        var check = read
        check.finish()
        let found = Control.ExportProof(check)
        if common.json { try Output.json(found) } else { Self.tell(found) }
        if !check.faults.isEmpty { return ExitStatus.no }
        return check.isProven ? ExitStatus.yes : ExitStatus.cannotTell
    }

    private static func tell(_ found: Control.ExportProof) {
        Output.line("device: \(found.device ?? "not said")")
        for stretch in found.stretches {
            let cover =
                stretch.checkpoint.map { "signed for by the checkpoint over \($0) lines of \(stretch.origin ?? "")" }
                ?? "signed for by nothing in this file"
            Output.line("lines \(stretch.first) to \(stretch.last): \(cover)")
        }
        if let seal = found.seal, let first = seal.first, let last = seal.last {
            Output.line("lines \(first) to \(last): as they were sealed")
            if let through = seal.sealedThrough { Output.line("nobody could change lines up to \(through) any more") }
            if let at = seal.endStatedAt, let newest = seal.newest {
                Output.line("the last line was \(newest) at \(at.ISO8601Format()), by the device's clock")
            }
        }
        for fault in found.faults { Output.line("fault: \(fault)") }
        for gap in found.notCovered { Output.line("not covered: \(gap)") }
    }
}

extension Control {
    /// What was found in an export.
    struct ExportProof: Encodable {
        struct Stretch: Encodable {
            var origin: String?
            var first: Int64
            var last: Int64
            var checkpoint: Int64?
        }
        struct Seal: Encodable {
            var holds: Bool
            var first: Int64?
            var last: Int64?
            var sealedThrough: Int64?
            var newest: Int64?
            var endStatedAt: Date?
        }
        var isProven: Bool
        var device: String?
        var lines: Int64
        var provenLines: Int64
        var stretches: [Stretch]
        var seal: Seal?
        var faults: [String]
        var notCovered: [String]

        init(_ check: AuditExportCheck) {
            isProven = check.isProven
            device = check.header?.device
            lines = check.lines
            provenLines = check.proven
            stretches = check.stretches.map {
                Stretch(origin: $0.origin, first: $0.first, last: $0.last, checkpoint: $0.checkpoint)
            }
            faults = check.faults
            notCovered = ["lines before and after those of the file"]
            if let tail = check.tail {
                seal = Seal(
                    holds: tail.holds, first: tail.first, last: tail.last, sealedThrough: tail.sealedThrough,
                    newest: tail.newest,
                    endStatedAt: tail.endStatedAt.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) })
                if tail.state == .running, tail.endStatedAt == nil {
                    notCovered.append("lines cut off at the end: the device did not say where the trail ends")
                }
            } else {
                notCovered.append("lines written anew by who has the device's keys: no seal key was given")
            }
            if !check.isKeyGiven { notCovered.append("who signed: no public key was given, the file's own was taken") }
            if check.stretches.contains(where: { $0.origin == nil }) {
                notCovered.append("lines of earlier versions, which only the device itself can check")
            }
        }
    }
}

/// A public key on the command line: base64 as `edged audit public-key` prints it, or a file that begins with it.
enum PublicKeyText {
    static func bytes(_ text: String) throws(EdgeError) -> [UInt8] {
        if let key = key(text) { return key }
        if let file = try? String(contentsOfFile: text, encoding: .utf8), file.utf8.count < 4096,
            let key = key(file.trimmingASCIIWhitespace)
        {
            return key
        }
        throw EdgeError(.requestInvalid, "that is neither a public key nor a file with one", field: "public-key")
    }

    private static func key(_ text: String) -> [UInt8]? {
        Data(base64Encoded: text).flatMap { $0.count == 32 ? Array($0) : nil }
    }
}

/// The lines of a file, one after the other, however long the file is.
enum LinesOfFile {
    /// No record of ours is longer; a longer line is given in pieces, which are no records.
    private static let limit = 8 << 20

    static func each(_ path: String, _ take: (ArraySlice<UInt8>) throws(EdgeError) -> Void) throws(EdgeError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw EdgeError(.requestInvalid, "the file cannot be read", field: "export")
        }
        defer { try? handle.close() }
        var rest: [UInt8] = []
        while let piece = try read(handle) {
            var start = piece.startIndex
            while let end = piece[start...].firstIndex(of: 0x0a) {
                rest += piece[start..<end]
                try take(rest[...])
                rest = []
                start = end + 1
            }
            rest += piece[start...]
            if rest.count > limit {
                try take(rest[...])
                rest = []
            }
        }
        if !rest.isEmpty { try take(rest[...]) }
    }

    private static func read(_ handle: FileHandle) throws(EdgeError) -> [UInt8]? {
        do { return try handle.read(upToCount: 1 << 16).flatMap { $0.isEmpty ? nil : Array($0) } } catch {
            throw EdgeError(.requestInvalid, "the file cannot be read", field: "export")
        }
    }
}
