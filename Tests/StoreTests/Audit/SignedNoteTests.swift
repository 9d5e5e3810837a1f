import EdgeCore
import EdgeTesting
import Foundation
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Signed notes and checkpoints")
struct SignedNoteTests {
    private let fixture: StoreFixture
    private let checker = PublicProofChecker()
    private let text = "edged/aa/bb\n7\nx\n"

    init() throws { fixture = try StoreFixture() }

    private func open(_ note: String, as name: String = "edged/aa/bb", key: [UInt8]? = nil) throws -> String? {
        try SignedNote.open(note, signedAs: name, publicKey: key ?? fixture.vault.publicKey, checker)
    }

    @Test("a note opens with its name and key, and with no other")
    func names() throws {
        let note = try SignedNote.sign(text, as: "edged/aa/bb", fixture.vault)
        #expect(note.hasPrefix("\(text)\n\u{2014} edged/aa/bb "))
        #expect(try open(note) == text)
        #expect(try open(note, as: "edged/aa/cc") == nil)
        #expect(try open(note, key: StoreFixture().vault.publicKey) == nil)
        #expect(try open(note, key: []) == nil)
    }

    @Test("a note with any byte changed, dropped or doubled opens to nothing else than its text")
    func edited() throws {
        let note = Array(try SignedNote.sign(text, as: "edged/aa/bb", fixture.vault).utf8)
        for place in note.indices {
            var flipped = note
            flipped[place] ^= 1
            var dropped = note
            dropped.remove(at: place)
            var doubled = note
            doubled.insert(note[place], at: place)
            for bytes in [flipped, dropped, doubled, Array(note[..<place])] {
                let found = try open(String(decoding: bytes, as: UTF8.self))
                #expect(found == nil, "byte \(place)")
            }
        }
    }

    @Test("signatures of others stand beside ours; without ours the note does not open")
    func others() throws {
        let note = try SignedNote.sign(text, as: "edged/aa/bb", fixture.vault)
        let witness = try SignedNote.sign(text, as: "witness.example", StoreFixture().vault)
        let second = try #require(witness.split(separator: "\n").last)
        #expect(try open("\(note)\(second)\n") == text)
        #expect(try open("\(text)\n\(second)\n") == nil)
        #expect(try open("\(text)\n") == nil)
        #expect(try open("") == nil)
    }

    @Test("a name with a blank or a plus, and a text without its last line break, are not signed")
    func refused() throws {
        for (text, name) in [(text, "a b"), (text, "a+b"), (text, ""), ("no end", "a"), ("tab\t\n", "a")] {
            #expect(throws: EdgeError.self) { try SignedNote.sign(text, as: name, fixture.vault) }
        }
    }

    @Test("the key for other programs is the name, the key's id and the key")
    func verifierKey() throws {
        let key = try SignedNote.verifierKey("edged/aa/bb", publicKey: fixture.vault.publicKey, checker)
        let parts = key.split(separator: "+", maxSplits: 2).map(String.init)
        try #require(parts.count == 3)
        #expect(parts[0] == "edged/aa/bb")
        #expect(Data(base64Encoded: parts[2]) == Data([1] + fixture.vault.publicKey))
        let line = try #require(try SignedNote.sign(text, as: "edged/aa/bb", fixture.vault).split(separator: " ").last)
        let signature = try #require(Data(base64Encoded: line.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(hexadecimal(Array(signature.prefix(4))) == parts[1])
        #expect(signature.count == 68)
    }

    @Test("a checkpoint comes back from its note; a size with a leading zero or a short root is none")
    func checkpoints() throws {
        let origin = AuditCheckpoint.origin(device: [0x0A, 0xFF], epoch: [0x01])
        #expect(origin == "edged/0aff/01")
        let made = AuditCheckpoint(origin: origin, size: 12, root: [UInt8](repeating: 7, count: 32))
        let note = try made.signed(by: fixture.vault)
        func open(_ note: String) throws -> AuditCheckpoint? {
            try AuditCheckpoint.open(note, of: origin, publicKey: fixture.vault.publicKey, checker)
        }
        #expect(try open(note) == made)
        let root = Data(made.root).base64EncodedString()
        let short = Data(made.root.dropLast()).base64EncodedString()
        for text in [
            "\(origin)\n012\n\(root)\n", "\(origin)\n-1\n\(root)\n", "\(origin)\n12\n\(short)\n", "\(origin)\n12\n",
            "edged/0aff/02\n12\n\(root)\n",
        ] {
            #expect(try open(SignedNote.sign(text, as: origin, fixture.vault)) == nil, "\(text)")
        }
    }
}
