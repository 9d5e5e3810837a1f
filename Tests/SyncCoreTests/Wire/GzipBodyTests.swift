import Testing

@testable import SyncCore

@Suite("Bodies as gzip")
struct GzipBodyTests {
    private static let text = Array(String(repeating: "{\"kind\":\"enrollment.completed\"},", count: 400).utf8)

    @Test("what was compressed is opened again, and is shorter in between")
    func roundTrip() throws {
        let member = try #require(GzipBody.compressed(Self.text))
        #expect(member.count < Self.text.count / 5)
        #expect(member.starts(with: [0x1F, 0x8B]))
        #expect(try GzipBody.opened(member, limit: Self.text.count) == Self.text)
        let nothing = try #require(GzipBody.compressed([]))
        #expect(try GzipBody.opened(nothing, limit: 0) == [])
    }

    @Test("a member of gzip's own making is opened, and two in a row are one body")
    func foreign() throws {
        // printf 'edged' | gzip -9n
        let member: [UInt8] = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4b, 0x4d, 0x49, 0x4f, 0x4d, 0x01, 0x00, 0x72,
            0x88, 0x79, 0x3c, 0x05, 0x00, 0x00, 0x00,
        ]
        #expect(try GzipBody.opened(member, limit: 5) == Array("edged".utf8))
        #expect(try GzipBody.opened(member + member, limit: 100) == Array("edgededged".utf8))
    }

    @Test("a body that would be longer than allowed is refused, however short its member is")
    func bomb() throws {
        let bomb = try #require(GzipBody.compressed(Array(repeating: 0, count: 20 << 20)))
        #expect(bomb.count < 200_000)
        #expect(throws: GzipBody.Fault.tooLarge) { try GzipBody.opened(bomb, limit: 8 << 20) }
        let exact = try #require(GzipBody.compressed(Self.text))
        #expect(throws: GzipBody.Fault.tooLarge) { try GzipBody.opened(exact, limit: Self.text.count - 1) }
    }

    @Test("every cut and every flipped bit of a member is noticed or changes nothing")
    func damage() throws {
        let body = Array(Self.text.prefix(300))
        let member = try #require(GzipBody.compressed(body))
        for length in 0..<member.count {
            #expect(throws: GzipBody.Fault.damaged) { try GzipBody.opened(Array(member.prefix(length)), limit: 1000) }
        }
        for index in member.indices {
            for bit in 0..<8 {
                var wrong = member
                wrong[index] ^= UInt8(1) << UInt8(bit)
                do {
                    // A header says things that change nothing: a time, an operating system.
                    #expect(try GzipBody.opened(wrong, limit: 1000) == body)
                } catch {
                    #expect(error == .damaged || error == .tooLarge)
                }
            }
        }
        #expect(throws: GzipBody.Fault.damaged) { try GzipBody.opened(member + [0], limit: 1000) }
    }
}
