import ArgumentParser
import EdgeCore
import Foundation
import Recognition
import Store
import Vault

extension PeopleCommand {
    /// `edged people export`.
    struct Export: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a client's people, templates too, into a file that only a recipient can open.",
            discussion: """
                The recipient's public key is what `edged keys recipient` shows where the file is to be opened. Pictures, \
                sessions and consent records do not go along, nor do templates that are not in force or have an end. A running \
                daemon writes the file itself. Aligned faces go along where [templates] keep_crops keeps them.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The recipient's public key, x25519:…")
        var to: String
        @Option(name: .long, help: "The new file.")
        var out: String
        @Option(name: .long, help: "The people's API client. Needed when there are several.")
        var client: String?

        func perform() async throws -> ExitCode {
            let request = Control.ExportRequest(to: to, path: URL(filePath: out).path, client: client)
            let done = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.peopleExport, request, as: Control.Exported.self)
            }
            if common.json {
                try Output.json(done)
            } else {
                Output.line("\(done.people) people of \(done.client) with \(done.templates) templates: \(done.path)")
                if done.crops > 0 { Output.line("\(done.crops) aligned faces, which are pictures of people, go along") }
                if done.limited > 0 {
                    Output.line("\(done.limited) without templates, which are not in force or have an end")
                }
                if done.unreadable > 0 { Output.line("\(done.unreadable) cannot be read and were left out") }
            }
            return done.unreadable == 0 ? ExitStatus.yes : ExitStatus.no
        }
    }

    /// `edged people import`.
    struct Import: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the people of another device's export.",
            discussion: """
                The whole file is checked before anything is taken. Known people are changed only where the export is newer, \
                so doing it again changes nothing. No webhooks are called. An export is out of the device's reach: who was \
                erased after it was made comes back with it, so make a new one.
                """)
        @OptionGroup var common: CommonOptions
        @Argument(help: "The export.")
        var file: String
        @Option(name: .long, help: "The file of the private key that it was sealed to.")
        var key: String
        @Option(name: .long, help: "The API client that the people are for. Needed when there are several.")
        var client: String?
        @Option(name: .long, help: "Take it only when this device made it: the public key in hexadecimal digits.")
        var device: String?
        @Flag(
            name: .long,
            help: "You hold what each of these people agreed to; asked for where the device requires consent.")
        var consentsHeld = false

        func perform() async throws -> ExitCode {
            let configuration = try common.configuration()
            guard consentsHeld || !configuration.consent.isRequired else {
                throw EdgeError(
                    .consentRequired, "an export carries no consents: say --consents-held when you hold them",
                    field: "consents-held")
            }
            let opener = try RecipientKey.read(file: URL(filePath: key).path)
            let file = SealedExport(path: URL(filePath: file).path, opener: opener)
            let known = try InstalledModels.templates(in: configuration.modelsDirectory)
            let checked = try file.check(against: known, wanted: device)
            let client = client
            let done = try await Counter.serve(configuration, need: .storeOrNew) { counter in
                try await file.hand(checked, to: counter, client: client, models: known, consentsHeld: consentsHeld)
            }
            if common.json {
                try Output.json(done)
            } else {
                Output.line(
                    "\(done.added) people added, \(done.updated) updated, \(done.unchanged) unchanged; \(done.templates) templates"
                )
                Output.line("made by the device \(checked.device)")
            }
            return ExitStatus.yes
        }
    }
}

/// A file with sealed people.
struct SealedExport: Sendable {
    /// How many people go to the store at once; a page is one transaction.
    private static let pageSize = 100
    /// Kept faces make people large; a page has at least one.
    private static let pageBytes = 16 << 20
    private static let pieceSize = 1 << 20
    let path: String
    let opener: RecipientKey

    /// What the first reading found.
    struct Checked: Sendable {
        var people = 0
        var device = ""
        /// How the file begins: nobody without its key can make another that begins the same.
        var beginning: [UInt8] = []
    }

    /// Reads the file to its end: only then is it known to be whole, whose it is, and that its models are here.
    func check(against known: [ModelVersion: Int], wanted: String?) throws(EdgeError) -> Checked {
        var checked = Checked()
        var strangers: Set<ModelVersion> = []
        let source = try ExportLines(path: path, opener: opener, pieceSize: Self.pieceSize)
        var isMore = true
        while isMore {
            let lines = try source.next(Self.pageSize)
            for line in lines {
                checked.people += 1
                strangers.formUnion(try PersonTransfer(line: Array(line.utf8)).models.subtracting(known.keys))
            }
            isMore = !lines.isEmpty
        }
        let device = try source.finish()
        checked.beginning = source.beginning
        checked.device = device.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        if let wanted, wanted.lowercased() != checked.device {
            throw EdgeError(.requestInvalid, "The export was made by the device \(checked.device).", field: "device")
        }
        guard strangers.isEmpty else {
            let list = strangers.map { "\($0.id) \($0.version)" }.sorted().joined(separator: ", ")
            throw EdgeError(.modelUnknown, "The export has templates of \(list); no model of the manifest makes such.")
        }
        return checked
    }

    /// Reads it again and hands it on, page by page.
    func hand(
        _ checked: Checked, to counter: Counter, client: String?, models: [ModelVersion: Int],
        consentsHeld: Bool = false
    ) async throws(EdgeError) -> Control.Imported {
        var done = Control.Imported(client: "", ImportCounts())
        let models = models.map { Control.ImportModel(id: $0.id, version: $0.version, length: $1) }
        var handed = 0
        let source = try ExportLines(path: path, opener: opener, pieceSize: Self.pieceSize)
        repeat {
            let people = try source.next(Self.pageSize, bytes: Self.pageBytes)
            guard source.beginning == checked.beginning else {
                throw EdgeError(.sealBroken, "The file was exchanged while it was read.")
            }
            guard !people.isEmpty || checked.people == 0 else {
                throw EdgeError(.sealBroken, "The file became shorter while it was read.")
            }
            let isFirst = handed == 0
            handed += people.count
            let page = Control.ImportPage(
                client: client, people: people, models: models, device: checked.device,
                before: done, consentsHeld: consentsHeld,
                action: handed >= checked.people ? "people.imported" : isFirst ? "people.import.begun" : nil)
            done = try await counter.ask(.peopleImport, page, as: Control.Imported.self)
        } while handed < checked.people
        return done
    }
}

/// The lines of a sealed file, opened as they are asked for.
final class ExportLines {
    private static let beginningLength = 1024
    private let handle: FileHandle
    private let stream: any OpeningStream
    private let pieceSize: Int
    private var pending: [UInt8] = []
    private var position = 0
    /// The file's first bytes; they hold the key that all the rest depends on.
    private(set) var beginning: [UInt8] = []

    init(path: String, opener: RecipientKey, pieceSize: Int) throws(EdgeError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw EdgeError(.requestInvalid, "\(path) cannot be read", field: "file")
        }
        self.handle = handle
        stream = try opener.open(purpose: ControlDesk.exportPurpose)
        self.pieceSize = pieceSize
    }

    /// The next lines, as many as asked for or as make up so many bytes; none at the end.
    func next(_ count: Int, bytes limit: Int = .max) throws(EdgeError) -> [String] {
        var lines: [String] = []
        var size = 0
        while lines.count < count, size < limit {
            if let line = takeLine() {
                lines.append(line)
                size += line.utf8.count
                continue
            }
            let piece: Data?
            do { piece = try handle.read(upToCount: pieceSize) } catch {
                throw EdgeError(.requestInvalid, "the export cannot be read", field: "file")
            }
            guard let piece, !piece.isEmpty else { break }
            if beginning.isEmpty { beginning = Array(piece.prefix(Self.beginningLength)) }
            pending.removeFirst(position)
            position = 0
            pending += try stream.append(Array(piece))
        }
        return lines
    }

    /// Says that the file ended; returns the public key of the device that made it.
    func finish() throws(EdgeError) -> [UInt8] {
        let device = try stream.finish()
        guard position == pending.count else {
            throw EdgeError(.requestMalformed, "The last line of the export has no end.")
        }
        return device
    }

    private func takeLine() -> String? {
        guard let end = pending[position...].firstIndex(of: 0x0a) else { return nil }
        defer { position = end + 1 }
        return String(decoding: pending[position..<end], as: UTF8.self)
    }
}
