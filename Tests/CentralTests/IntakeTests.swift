import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("Taking records", .onEachStorage)
struct IntakeTests {
    let fleet: Fleet
    let desk: FleetDesk
    let device: TestDevice

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
        device = try TestDevice()
        try await device.join(desk)
        for number in 1...9 { try device.append("decision", "{\"n\":\(number)}", to: .audit) }
    }

    private func audit(_ range: ClosedRange<Int>) async throws -> UInt64 {
        try await device.push(.audit, range, to: desk).acknowledged
    }

    @Test("a lane is acknowledged as far as it has arrived without a gap")
    func acknowledges() async throws {
        #expect(try await audit(1...3) == 3)
        #expect(try await audit(4...6) == 6)
        #expect(try await refusal { try await audit(8...9) } == .gap(expected: 7))
        #expect(try await audit(5...9) == 9)
        #expect(try await desk.counts().records[.audit] == 9)
    }

    @Test("a batch that arrives again is acknowledged again, with the running hash, and takes no further effect")
    func repeats() async throws {
        _ = try await audit(1...6)
        let again = try await device.push(.audit, 1...3, to: desk)
        #expect(again.acknowledged == 6)
        #expect(again.head == device.lanes[.audit]?[5].hash)
        #expect(try await audit(2...5) == 6)
        #expect(try await desk.counts().records[.audit] == 6)
    }

    @Test("what was acknowledged is there when central is opened again")
    func survives() async throws {
        _ = try await audit(1...6)
        await desk.close()
        let again = try await fleet.open()
        #expect(again.incarnation == desk.incarnation)
        let ends = try await device.open(again).lanes
        #expect(
            ends.first { $0.lane == .audit }
                == LaneEnd(lane: .audit, acknowledged: 6, head: try #require(device.lanes[.audit])[5].hash))
        #expect(try await device.push(.audit, 7...9, to: again).acknowledged == 9)
    }

    @Test(
        "a device that rewrites what was taken is quarantined in all its lanes, and others are not",
        arguments: [1...2, 2...3, 3...5, 1...6] as [ClosedRange<Int>])
    func quarantines(rewritten: ClosedRange<Int>) async throws {
        _ = try await audit(1...4)
        let liar = device
        liar.lanes[.audit] = nil
        for number in 1...9 { try liar.append("decision", "{\"other\":\(number)}", to: .audit) }
        let answer = try await refusal { try await audit(rewritten) }
        #expect(answer == .fork(at: UInt64(min(rewritten.upperBound, 4))))
        try liar.append("alarm", "{}", to: .control)
        #expect(try await refusal { try await liar.push(.control, to: desk) } == .quarantined)
        let listed = try await desk.device(device.id)
        #expect(listed.standing == .quarantined && listed.reason?.contains("audit") == true)

        let honest = try TestDevice()
        try await honest.join(desk)
        try honest.append("alarm", "{}", to: .control)
        #expect(try await honest.push(.control, to: desk).acknowledged == 1)
    }

    @Test("a released device goes on in a new epoch only")
    func releases() async throws {
        _ = try await audit(1...4)
        _ = try await desk.quarantine(device.id, because: "somebody looked odd")
        _ = try await desk.release(device.id)
        #expect(try await refusal { try await audit(5...6) } == .epochEnded)
        #expect(try await refusal { try await device.open(desk) } == .epochEnded)
        device.beginEpoch()
        _ = try await device.open(desk, .released)
        try device.append("decision", "{}", to: .audit)
        #expect(try await audit(1...1) == 1)
    }

    @Test("an epoch must be opened before records are taken, and an ended one takes none")
    func epochs() async throws {
        _ = try await audit(1...4)
        let late = try device.batch(.audit, 5...6)
        device.beginEpoch()
        try device.append("decision", "{}", to: .audit)
        #expect(try await refusal { try await device.push(.audit, to: desk) } == .epochNeeded)
        _ = try await device.open(desk, .restored)
        #expect(try await refusal { try await desk.push(late, of: device.id) } == .epochEnded)
        #expect(try await device.push(.audit, to: desk).acknowledged == 1)
    }

    @Test("an epoch that follows no known one quarantines: two machines live under one identity")
    func forkedEpoch() async throws {
        device.epoch = Epoch()
        #expect(try await refusal { try await device.open(desk, .restored) } == .quarantined)
        #expect(try await desk.device(device.id).standing == .quarantined)
    }

    @Test("records that the device has lost are gone over, and the lane goes on")
    func loss() async throws {
        _ = try await audit(1...3)
        #expect(try await device.push(.audit, 7...9, to: desk, lostFrom: 4).acknowledged == 9)
        let counts = try await desk.counts()
        #expect(counts.lost == 3 && counts.records[.audit] == 6)
        #expect(try await device.push(.audit, 7...9, to: desk, lostFrom: 4).acknowledged == 9)
        try device.append("decision", "{}", to: .audit)
        #expect(try await audit(10...10) == 10)
    }

    @Test("a batch that was cut or mixed up on the way is malformed, and nothing of it is taken")
    func malformed() async throws {
        var cut = try device.batch(.audit, 1...4)
        cut.records.removeLast()
        var mixed = try device.batch(.audit, 1...4)
        mixed.records.swapAt(0, 1)
        var empty = try device.batch(.audit, 1...4)
        empty.records = []
        var far = try device.batch(.audit, 1...4)
        far.first = .max
        for request in [cut, mixed, empty, far] {
            let answer = try await refusal { try await desk.push(request, of: device.id) }
            guard case .malformed = answer else {
                Issue.record("not malformed: \(String(describing: answer))")
                continue
            }
        }
        #expect(try await desk.counts().records[.audit] == 0)
    }

    @Test("a record that says nothing sensible is kept, told as refused each time, and blocks nobody")
    func poison() async throws {
        try device.append(RecordKind.enrolled, "{\"not\":1}", to: .enrollment)
        try device.append(RecordKind.enrolled, "no JSON", to: .enrollment)
        try device.enroll("ada", desk)
        let first = try await device.push(.enrollment, to: desk)
        #expect(first.acknowledged == 3)
        #expect(first.refused.map(\.sequence) == [1, 2])
        #expect(first.refused.allSatisfy { $0.reason == "not_understood" })
        #expect(first.settled.map(\.sequence) == [3])
        let again = try await device.push(.enrollment, to: desk)
        #expect(again.refused == first.refused && again.settled == first.settled)
        #expect(try await desk.counts().refused == 2)
    }

    @Test("however two senders interleave, nothing is taken twice and nothing is left out")
    func concurrentSenders() async throws {
        let long = try TestDevice()
        try await long.join(desk)
        for number in 1...400 { try long.append("decision", "{\"n\":\(number)}", to: .audit) }
        let batches = try stride(from: 1, through: 400, by: 8).map { try long.batch(.audit, $0...($0 + 7)) }
        let (desk, id) = (desk, long.id)
        try await withThrowingTaskGroup { group in
            for _ in 0..<2 {
                group.addTask {
                    var next = 0
                    while next < batches.count {
                        do {
                            next = Int(try await desk.push(batches[next], of: id).acknowledged) / 8
                        } catch SyncRefusal.gap(let expected) { next = Int(expected - 1) / 8 }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await desk.counts().records[.audit] == 400)
    }

    @Test("a clock that runs ahead is noticed, and its enrollments do not win for ever")
    func clockAhead() async throws {
        let now = fleet.clock.wall.timeIntervalSince1970 * 1_000_000
        let ahead = Int64(now) + 86_400_000_000
        try device.enroll("ada", desk, wall: ahead)
        try await device.push(.enrollment, to: desk)
        #expect(try await desk.device(device.id).clockAhead == .seconds(86_400))
        let entry = try #require(try await device.pull(desk).scopes.first?.entries.first)
        #expect(entry.version?.time.wall == Int64(now) + HybridTime.tolerance)
    }

    @Test("a signed checkpoint is cosigned, an older one is not, and another trail of equal length quarantines")
    func checkpoints() async throws {
        let origin = AuditCheckpoint.origin(
            device: SubjectKey(rawValue: device.id.rawValue).bytes,
            epoch: SubjectKey(rawValue: device.epoch.rawValue).bytes)
        func note(_ size: Int64, _ byte: UInt8) throws -> String {
            try AuditCheckpoint(origin: origin, size: size, root: Array(repeating: byte, count: 32))
                .signed(by: device.vault)
        }
        let answer = try await device.push(.audit, 1...3, to: desk, checkpoint: note(3, 1))
        let cosigned = try #require(answer.cosigned)
        let byDevice = try SignedNote.open(
            cosigned, signedAs: origin, publicKey: device.vault.publicKey, device.vault)
        let byCentral = try SignedNote.open(
            cosigned, signedAs: FleetLease.signerName, publicKey: fleet.vault.publicKey, device.vault)
        #expect(byDevice != nil && byDevice == byCentral)
        #expect(try await device.push(.audit, 4...4, to: desk, checkpoint: note(2, 1)).cosigned == nil)
        let forged = try AuditCheckpoint(origin: origin, size: 9, root: Array(repeating: 4, count: 32))
            .signed(by: fleet.vault)
        #expect(try await device.push(.audit, 5...5, to: desk, checkpoint: forged).cosigned == nil)
        #expect(
            try await refusal { try await device.push(.audit, 6...6, to: desk, checkpoint: note(3, 2)) }
                == .quarantined)
        #expect(try await desk.device(device.id).standing == .quarantined)
    }
}
