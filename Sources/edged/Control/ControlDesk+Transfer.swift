import EdgeCore
import FoundationEssentials
import Store
import Vault

/// People who leave for another device, and people who come from one.
extension ControlDesk {
    /// What an export is sealed for, so that nothing else that was sealed to the same key is taken for one.
    static let exportPurpose = "people"

    /// Writes a client's people into a new file, sealed to a recipient.
    ///
    /// The audit line is written before the file gets its name: there is no export without one.
    func exportPeople(_ request: Control.ExportRequest) async throws(EdgeError) -> Control.Exported {
        guard let recipient = RecipientKey.publicKey(of: request.to) else {
            throw EdgeError(
                .requestInvalid, "the recipient's public key looks like x25519:… ; `edged keys recipient` shows it",
                field: "to")
        }
        let client = try await tenant(request.client)
        var file = try TransferFile(request.path)
        let stream = try vault.seal(to: recipient, purpose: Self.exportPurpose)
        var result = Control.Exported(
            path: request.path, client: client.name, people: 0, templates: 0, crops: 0, unreadable: 0,
            limited: 0)
        var next: Int64? = 0
        while let start = next {
            let part = try await proof.exportPart(of: client.id, from: start)
            for person in part.people {
                try file.write(stream.append(person.line() + [0x0a]))
                result.templates += person.templateCount
                result.crops += person.cropCount
            }
            result.people += part.people.count
            result.unreadable += part.unreadable
            result.limited += part.limited
            next = part.next
        }
        try file.write(stream.finish())
        try file.sync()
        let details = try ControlJSON.line(
            Control.ExportNote(
                people: result.people, templates: result.templates, crops: result.crops, recipient: request.to))
        try await proof.append(
            AuditRecord(
                action: "people.exported", client: client.id, succeeded: true, detailsJSON: details,
                at: SystemClock().wall))
        try file.publish()
        return result
    }

    /// Takes one page of an export that the command line has opened and checked to its end.
    func importPeople(_ page: Control.ImportPage) async throws(EdgeError) -> Control.Imported {
        let client = try await tenant(page.client)
        let people = try page.people.map { text throws(EdgeError) in try PersonTransfer(line: Array(text.utf8)) }
        let models = Dictionary(
            page.models.map { (ModelVersion(id: $0.id, version: $0.version), $0.length) }
        ) { first, _ in first }
        let done = try await proof.importPeople(
            people, into: client.id, models: models, line: page.line(for: client.id))
        for effect in done.effects { await sessions?.follow(effect) }
        return Control.Imported(client: client.name, done.counts).plus(page.before)
    }
}

extension Control {
    struct ExportRequest: Codable {
        var to: String
        /// Absolute; whoever serves the command writes it.
        var path: String
        var client: String?
    }

    struct Exported: Codable {
        var path: String
        var client: String
        var people: Int
        var templates: Int
        /// Aligned faces, where the device keeps them.
        var crops: Int
        /// People whose record was changed and does not open.
        var unreadable: Int
        /// People without their templates, which are not in force or have an end.
        var limited: Int
    }

    /// What the audit line of an export says.
    struct ExportNote: Codable {
        var people: Int
        var templates: Int
        var crops: Int
        var recipient: String
    }

    struct ImportModel: Codable, Sendable {
        var id: String
        var version: String
        var length: Int
    }

    struct ImportPage: Codable, Sendable {
        var client: String?
        /// Lines of the export.
        var people: [String]
        var models: [ImportModel]
        /// The public key of the device that made the export.
        var device: String
        /// What the pages before this one did.
        var before: Imported
        /// Whether the operator said that these people's consents are held elsewhere.
        var consentsHeld: Bool?
        /// The audit line that this page ends with; the first of several says that an import began, the last what it did.
        var action: String?

        /// Makes the audit line of what was done up to and with this page; `nil` for a page in the middle.
        func line(for client: ClientID) -> (@Sendable (ImportCounts) -> AuditRecord)? {
            guard let action else { return nil }
            return { counts in
                let note = ImportNote(
                    Imported(client: "", counts).plus(before), device: device, consentsHeld: consentsHeld ?? false)
                return AuditRecord(
                    action: action, client: client, succeeded: true,
                    detailsJSON: (try? ControlJSON.line(note)) ?? "{}", at: SystemClock().wall)
            }
        }
    }

    struct Imported: Codable, Sendable {
        var client: String
        var added: Int
        var updated: Int
        var unchanged: Int
        var templates: Int

        init(client: String, _ counts: ImportCounts) {
            self.client = client
            added = counts.added
            updated = counts.updated
            unchanged = counts.unchanged
            templates = counts.templates
        }

        func plus(_ other: Imported) -> Imported {
            var sum = self
            sum.added += other.added
            sum.updated += other.updated
            sum.unchanged += other.unchanged
            sum.templates += other.templates
            return sum
        }
    }

    /// What the audit line of an import says.
    struct ImportNote: Codable {
        var added: Int
        var updated: Int
        var unchanged: Int
        var templates: Int
        var device: String
        var consentsHeld: Bool

        init(_ imported: Imported, device: String, consentsHeld: Bool) {
            added = imported.added
            updated = imported.updated
            unchanged = imported.unchanged
            templates = imported.templates
            self.device = device
            self.consentsHeld = consentsHeld
        }
    }
}
