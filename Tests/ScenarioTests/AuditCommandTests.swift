import EdgeTesting
import Foundation
import Testing

@Suite("edged audit", .serialized)
struct AuditCommandTests {
    @Test(
        "shows, exports, signs and verifies on a stopped device and through a running daemon", arguments: [false, true])
    func verbs(isRunning: Bool) async throws {
        let daemon = try DaemonUnderTest()
        for name in ["one", "two", "three"] {
            #expect(try await daemon.edged("clients", "create", name).status == 0)
        }
        if isRunning { try await daemon.start() }

        let bare = try await daemon.edged("audit")
        #expect(bare.status == 0, "\(bare.errors)")
        let text = String(decoding: bare.output, as: UTF8.self)
        #expect(text.contains("client.created") && text.contains("synchronized"))
        let whole = try await daemon.edged("audit", "show", "--limit", "0", "--json").json()
        let lines = try #require(whole["lines"]?.items)
        #expect(lines.count >= 3 && lines.last?["sequence"]?.number == 1)
        #expect(lines.allSatisfy { $0["boot_id"]?.text?.isEmpty == false && $0["clock"]?.text != nil })
        let one = try await daemon.edged("audit", "show", "--limit", "1", "--action", "client.*", "--json").json()
        #expect(one["lines"]?.items?.count == 1)
        #expect(one["lines"]?.items?.first?["action"]?.text?.hasPrefix("client.") == true)
        let recent = try await daemon.edged("audit", "show", "--since", "1h", "--client", "two", "--json").json()
        #expect(recent["lines"]?.items?.isEmpty == false)
        let future = try await daemon.edged("audit", "show", "--since", "2999-01-01", "--json").json()
        #expect(future["lines"]?.items?.isEmpty == true)
        #expect(try await daemon.edged("audit", "show", "--since", "soon").status == 65)

        let checkpoint = try await daemon.edged("audit", "checkpoint", "--json")
        #expect(checkpoint.status == 0)
        #expect(try checkpoint.json()["note"]?.text?.hasPrefix("edged/") == true)
        let proof = try await daemon.edged("audit", "verify", "--json")
        #expect(proof.status == 0, "\(proof.errors)")
        #expect(try proof.json()["coverage"]?["not_covered"]?.items?.isEmpty == false)
        try await exports(daemon, lines: lines.count)
        try await seals(daemon)
        if isRunning { #expect(try await daemon.stop() == 0) }
    }

    @Test("verify and other readers make no store where none is")
    func noStore() async throws {
        let daemon = try DaemonUnderTest()
        for verb in [["audit", "verify"], ["audit", "show"], ["keys"], ["backup"], ["people", "list"]] {
            let result = try await Program.run(verb + ["--json", "--config", daemon.configPath])
            #expect(result.status != 0 && result.status != 1, "\(verb): \(result.status)")
            #expect((String(decoding: result.output, as: UTF8.self) + result.errors).contains("store.unavailable"))
        }
        #expect(try await daemon.edged("audit", "verify").status == 2)
        let files = FileManager.default.enumerator(atPath: daemon.directory.url.path)?.allObjects as? [String] ?? []
        #expect(!files.contains { $0.hasSuffix("edged.sqlite") || $0.hasSuffix("key") }, "\(files)")
    }

    private func seals(_ daemon: DaemonUnderTest) async throws {
        let (seal, file) = (daemon.directory.path("seal.key"), daemon.directory.path("sealed.jsonl"))
        #expect(try await daemon.edged("audit", "seal-key", "--out", seal).status == 0)
        #expect(try await daemon.edged("audit", "seal-key", "--out", seal).status == 65, "nothing is written over")
        #expect(try await daemon.edged("clients", "create", "four").status == 0)
        #expect(try await daemon.edged("audit", "export", "--out", file).status == 0)
        let key = try #require(try await daemon.edged("audit", "public-key", "--json").json()["public_key"]?.text)
        let check = ["audit", "verify", "--export", file, "--public-key", key, "--seal-key", seal, "--json"]
        let good = try await Program.run(check)
        #expect(good.status == 0, "\(good.errors)")
        #expect(try good.json()["seal"]?["holds"]?.flag == true)
        let other = daemon.directory.path("other.key")
        #expect(try await daemon.edged("audit", "seal-key", "--out", other).status == 0)
        #expect(try await Program.run(check.map { $0 == seal ? other : $0 }).status == 1)
        let live = try await daemon.edged("audit", "verify", "--seal-key", other)
        #expect(live.status == 0, "\(live.errors)")
    }

    private func exports(_ daemon: DaemonUnderTest, lines: Int) async throws {
        let file = daemon.directory.path("audit.jsonl")
        let written = try await daemon.edged("audit", "export", "--out", file, "--json")
        #expect(written.status == 0, "\(written.errors)")
        #expect(try written.json()["lines"]?.number == Double(lines))
        #expect(try await daemon.edged("audit", "export", "--out", file).status == 65, "nothing is written over")
        let key = try await daemon.edged("audit", "public-key")
        let keyText = String(decoding: key.output, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        let good = try await Program.run(["audit", "verify", "--export", file, "--public-key", keyText, "--json"])
        #expect(good.status == 0, "\(good.errors)")
        #expect(try good.json()["proven_lines"]?.number == Double(lines))
        let unnamed = try await Program.run(["audit", "verify", "--export", file])
        #expect(unnamed.status == 2)
        let edited = daemon.directory.path("edited.jsonl")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let other = text.replacingOccurrences(of: "client.created", with: "client.removed")
        #expect(other != text)
        try other.write(toFile: edited, atomically: true, encoding: .utf8)
        let bad = try await Program.run(["audit", "verify", "--export", edited, "--public-key", keyText, "--json"])
        #expect(bad.status == 1)
        #expect(try bad.json()["faults"]?.items?.isEmpty == false)
        let part = daemon.directory.path("part.jsonl")
        #expect(try await daemon.edged("audit", "export", "--from", "2", "--to", "2", "--out", part).status == 0)
        let middle = try await Program.run(["audit", "verify", "--export", part, "--public-key", keyText])
        #expect(middle.status == 0)
        #expect(String(decoding: middle.output, as: UTF8.self).contains("lines 2 to 2"))
    }
}
