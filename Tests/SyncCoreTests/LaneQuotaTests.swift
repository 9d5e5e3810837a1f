import Foundation
import SyncCore
import Testing

@Suite("Quotas of the lanes")
struct LaneQuotaTests {
    private let quota = LaneQuota(records: 160, bytes: 16_000)

    private func judge(
        _ depth: Int64, held: Int64 = 0, bytes: Int64 = 100, urgency: RecordUrgency = .ordinary,
        _ policy: FullLanePolicy
    ) -> QuotaRule.Verdict {
        QuotaRule.judge(bytes: bytes, urgency: urgency, depth: depth, held: held, quota: quota, policy: policy)
    }

    @Test("a lane that may grow takes everything")
    func grows() {
        #expect(judge(1_000_000, held: 1_000_000_000, .grow) == .take)
    }

    @Test("a ring drops a step of its oldest, by count and by bytes, and a record that fills it stands alone")
    func ring() {
        #expect(judge(159, .dropOldest) == .take)
        #expect(judge(160, .dropOldest) == .drop(10))
        #expect(judge(3, held: 15_950, .dropOldest) == .drop(3))
        #expect(judge(0, bytes: 1_000_000, .dropOldest) == .take)
    }

    @Test("where causes are refused, facts have an eighth more and erasures all they need")
    func refusal() {
        #expect(judge(159, .refuse) == .take)
        #expect(judge(160, .refuse) == .refuse)
        #expect(judge(10, held: 15_950, .refuse) == .refuse)
        #expect(judge(179, urgency: .fact, .refuse) == .take)
        #expect(judge(180, urgency: .fact, .refuse) == .refuse)
        #expect(judge(1_000, held: 1_000_000, urgency: .essential, .refuse) == .take)
    }

    @Test("without a central every lane is a ring; with one control grows, enrollments are refused and events dropped")
    func policies() {
        for lane in Lane.allCases {
            #expect(FullLanePolicy(lane, hasCentral: false, auditRefuses: true) == .dropOldest)
        }
        let kept = Lane.allCases.sorted().map { FullLanePolicy($0, hasCentral: true, auditRefuses: true) }
        #expect(kept == [.grow, .refuse, .refuse, .dropOldest])
        #expect(FullLanePolicy(.audit, hasCentral: true, auditRefuses: false) == .dropOldest)
    }
}

@Suite("Heads of records")
struct RecordHeadTests {
    private func head(
        lane: Lane = .control, sequence: UInt64 = 7, kind: String = "person.erased", person: UUID? = UUID(),
        wall: Int64 = 5
    ) -> RecordHead {
        let address = LaneAddress(
            device: DeviceID(rawValue: Self.device), epoch: Epoch(rawValue: Self.device), lane: lane)
        return RecordHead(
            position: RecordPosition(address, sequence: sequence), kind: kind, tenant: nil, person: person,
            moment: RecordMoment(wall: wall, boot: nil))
    }

    private static let device = UUID()

    @Test("a head in another place, of another kind, person or time is another text")
    func differs() {
        let person = UUID()
        let texts = [
            head(person: person), head(lane: .audit, person: person), head(sequence: 8, person: person),
            head(kind: "person.erase", person: person), head(person: nil), head(person: person, wall: 6),
        ].map(\.canonical)
        #expect(Set(texts).count == texts.count)
        #expect(head(person: person).canonical == texts[0])
    }

    @Test("every field has its length before it, so none can be read as part of another")
    func lengths() {
        let text = head(kind: "a,1:b", person: nil).canonical
        #expect(text.contains(",5:a,1:b,-,-,"))
        #expect(text.hasPrefix("1:1,36:\(Self.device.uuidString.lowercased()),"))
    }
}
