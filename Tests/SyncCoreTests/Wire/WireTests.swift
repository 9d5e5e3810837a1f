import Foundation
import SyncCore
import Testing

@Suite("Texts of ids and hashes")
struct WireTextTests {
    @Test("an id is written as the library writes it, in lower case", arguments: 0..<50)
    func ids(_: Int) {
        let id = UUID()
        #expect(UUIDText.lower(id) == id.uuidString.lowercased())
        #expect(DeviceID(rawValue: id).description == id.uuidString.lowercased())
    }

    @Test("hexadecimal digits are read in either case, and an odd number or another letter is none")
    func digits() {
        #expect(HexText.encode([0, 9, 10, 255]) == "00090aff")
        #expect(HexText.decode("00090AfF") == [0, 9, 10, 255])
        for text in ["0", "0g", "00 ", "é0"] { #expect(HexText.decode(text) == nil) }
    }

    @Test("a head is text with the length of each field before it")
    func canonical() throws {
        let device = DeviceID(rawValue: try #require(UUID(uuidString: "00000000-0000-4000-8000-00000000000A")))
        let epoch = Epoch(rawValue: try #require(UUID(uuidString: "00000000-0000-4000-8000-00000000000B")))
        let head = RecordHead(
            position: RecordPosition(LaneAddress(device: device, epoch: epoch, lane: .audit), sequence: 12),
            kind: "größe", tenant: nil, person: nil, moment: RecordMoment(wall: -3, boot: nil))
        #expect(
            head.canonical == """
                1:1,36:00000000-0000-4000-8000-00000000000a,36:00000000-0000-4000-8000-00000000000b,5:audit,2:12,\
                7:größe,-,-,2:-3,-,-,-,
                """)
    }
}

@Suite("What devices and central send each other")
struct WireTests {
    private let device = DeviceID()

    private func digest(_ bytes: [UInt8]) -> [UInt8] { Digest.of(bytes) }

    private func request(payloads: [String?], first: UInt64 = 1, after previous: ChainHash = .start) -> PushRequest {
        let epoch = Epoch()
        let address = LaneAddress(device: device, epoch: epoch, lane: .audit)
        var hash = previous
        var records: [WireRecord] = []
        for (sequence, payload) in zip(first..., payloads) {
            let sum = ChainHash(digest(Array((payload ?? "erased").utf8))) ?? .start
            let boot = RecordMoment.Boot(id: UUID(), time: 5, quality: "synchronized")
            let head = RecordHead(
                position: RecordPosition(address, sequence: sequence), kind: "k", tenant: UUID(), person: nil,
                moment: RecordMoment(wall: 7, boot: sequence % 2 == 0 ? boot : nil))
            hash = ChainHash(digest(head.link(after: hash, digest: sum))) ?? .start
            records.append(
                WireRecord(
                    SyncCore.OutboxRecord(head: head, digest: sum, hash: hash, payload: .withheld), payload: payload))
        }
        return PushRequest(
            epoch: epoch, lane: .audit, first: first, previous: previous, head: hash, lostFrom: nil, records: records)
    }

    @Test("Ids and hashes travel as lower-case text.")
    func ids() throws {
        let subject = SubjectKey(rawValue: UUID())
        let hash = try #require(ChainHash(Array(0..<32)))
        let text = String(decoding: try JSONEncoder().encode([subject]), as: UTF8.self)
        #expect(text == "[\"\(subject.rawValue.uuidString.lowercased())\"]")
        #expect(try JSONDecoder().decode([SubjectKey].self, from: Data(text.utf8)) == [subject])
        let written = try JSONEncoder().encode([hash])
        #expect(try JSONDecoder().decode([ChainHash].self, from: written) == [hash])
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([ChainHash].self, from: Data("[\"00\"]".utf8))
        }
    }

    @Test("A batch that arrives as it was sent is chained again to the same end, also without an erased payload.")
    func wholeBatch() throws {
        let sent = request(payloads: ["{\"a\":\"ü\\n\"}", nil, "third"], first: 9)
        let arrived = try JSONDecoder().decode(PushRequest.self, from: JSONEncoder().encode(sent))
        #expect(arrived == sent)
        let batch = try arrived.batch(of: device, digest: digest)
        #expect(batch.last == 11)
        #expect(batch.hashes.last == sent.head)
    }

    @Test("A batch that was changed on the way is refused.", arguments: 0..<6)
    func changedBatch(_ change: Int) {
        var sent = request(payloads: ["one", nil, "three"])
        switch change {
        case 0: sent.records[0].payload = "One"
        case 1: sent.records[1].digest = .start
        case 2: sent.records.swapAt(0, 2)
        case 3: sent.records.removeLast()
        case 4: sent.first = 2
        default: sent.records[2].wall += 1
        }
        #expect(throws: SyncRefusal.self) { try sent.batch(of: device, digest: digest) }
    }

    @Test("A batch of another device is refused: the chain is over its id.")
    func anothersBatch() {
        #expect(throws: SyncRefusal.self) { try request(payloads: ["one"]).batch(of: DeviceID(), digest: digest) }
    }

    @Test("An answer to an opening says how many records a push may have, and one of an earlier central does not.")
    func batchLength() throws {
        let sent = OpenAnswer(
            isKnown: true, incarnation: Incarnation(rawValue: UUID()), lanes: [],
            model: ModelName(id: "sface", version: "1"), batch: 500)
        let written = try JSONEncoder().encode(sent)
        #expect(try JSONDecoder().decode(OpenAnswer.self, from: written) == sent)
        var members = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
        members["batch"] = nil
        let earlier = try JSONDecoder().decode(
            OpenAnswer.self, from: JSONSerialization.data(withJSONObject: members))
        #expect(earlier.batch == nil && earlier.model == sent.model)
    }

    @Test("Every refusal comes out of its body as it went in.")
    func refusals() throws {
        let all: [SyncRefusal] = [
            .tokenInvalid, .deviceUnknown, .quarantined, .revoked, .epochNeeded, .epochEnded, .gap(expected: 12),
            .fork(at: 3), .malformed("cut"), .busy(retryMilliseconds: 250),
        ]
        for refusal in all {
            let body = try JSONDecoder().decode(
                SyncRefusalBody.self, from: JSONEncoder().encode(SyncRefusalBody(refusal)))
            #expect(body.refusal == refusal)
            #expect(!body.detail.isEmpty)
        }
    }

    @Test("A feed entry comes out as it went in.")
    func entries() throws {
        let version = SubjectVersion(consent: 1, generation: 2, time: HybridTime(wall: 3, counter: 4), device: device)
        for content in [SubjectChange.put(version), .left, .erased(below: 5)] {
            let entry = FeedEntry(subject: SubjectKey(rawValue: UUID()), change: 6, content: content)
            let sent = WireEntry(entry, tenant: UUID(), person: "{}")
            let arrived = try JSONDecoder().decode(WireEntry.self, from: JSONEncoder().encode(sent))
            #expect(arrived.entry == entry)
            #expect((arrived.person != nil) == (arrived.kind == "put"))
        }
    }
}
