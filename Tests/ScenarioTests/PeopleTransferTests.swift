import EdgeTesting
import Foundation
import Testing

/// Two directories, two keys, one file between them.
@Suite("People who move, by the command line")
struct PeopleTransferTests {
    @Test("who was enrolled on one device is recognised on the other, and the file tells nobody else who it is")
    func moves() async throws {
        let origin = try DaemonUnderTest()
        try await origin.start()
        let kiosk = try await origin.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        let enrolled = try await kiosk.feed(every(7, of: frames), to: try await kiosk.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")

        let target = try DaemonUnderTest()
        try await target.start()
        let door = try await target.makeClient("door")
        let key = target.directory.path("recipient.pem")
        let made = try await target.edged("keys", "recipient", "--key", key, "--json").json()
        #expect(made["made"]?.flag == true)
        let publicKey = try #require(made["public_key"]?.text)
        #expect(try await target.edged("keys", "recipient", "--key", key, "--json").json()["made"]?.flag == false)

        let file = origin.directory.path("people.sealed")
        let exported = try await origin.edged("people", "export", "--to", publicKey, "--out", file, "--json")
        #expect(exported.status == 0, "\(exported.errors)")
        #expect(try exported.json()["people"]?.number == 1)
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(bytes.range(of: Data("alice".utf8)) == nil)
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        #expect(try await origin.edged("people", "export", "--to", publicKey, "--out", file).status == 65)

        let imported = try await target.edged("people", "import", file, "--key", key, "--json")
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(try imported.json()["added"]?.number == 1)
        // The daemon runs: its gallery knows the person at once.
        let verified = try await door.feed(every(5, of: frames), to: try await door.openAuthentication(of: "alice"))
        #expect(verified.body["result"]?.text == "success", "\(verified.body)")
        let again = try await target.edged("people", "import", file, "--key", key, "--json").json()
        #expect(again["added"]?.number == 0)
        #expect(again["unchanged"]?.number == 1)
        for (daemon, action, count) in [(origin, "people.exported", 1), (target, "people.imported", 2)] {
            let lines = try await daemon.edged("audit", "--json").json()["lines"]?.items ?? []
            #expect(lines.count { $0["action"]?.text == action } == count)
        }
        #expect(try await origin.stop() == 0)
        #expect(try await target.stop() == 0)
    }

    @Test("a damaged file, another key and a stranger's file import nobody")
    func refused() async throws {
        let device = try DaemonUnderTest()
        #expect(try await device.edged("clients", "create", "kiosk").status == 0)
        let (mine, other) = (device.directory.path("mine.pem"), device.directory.path("other.pem"))
        let publicKey = try await device.edged("keys", "recipient", "--key", mine, "--json").json()["public_key"]?.text
        #expect(try await device.edged("keys", "recipient", "--key", other).status == 0)
        let file = device.directory.path("people.sealed")
        let exported = try await device.edged("people", "export", "--to", try #require(publicKey), "--out", file)
        #expect(exported.status == 0, "\(exported.errors)")
        let wrong = try await device.edged("people", "import", file, "--key", other)
        #expect(wrong.errors.contains("import.recipient.wrong"))
        let stranger = try await device.edged("people", "import", file, "--key", mine, "--device", "00")
        #expect(stranger.errors.contains("request.invalid"))
        var bytes = try Data(contentsOf: URL(filePath: file))
        bytes[bytes.count - 70] ^= 1
        try bytes.write(to: URL(filePath: file))
        let damaged = try await device.edged("people", "import", file, "--key", mine)
        #expect(damaged.errors.contains("vault.seal.broken"))
        #expect(try await device.edged("people", "export", "--to", "x25519:AAAA", "--out", file + "2").status == 65)
        #expect(!FileManager.default.fileExists(atPath: file + "2"))
    }
}
