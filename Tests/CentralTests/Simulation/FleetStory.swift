import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing
import Vault

@testable import Central

/// One seed's story: a real central over its file, and devices that keep the rules, between messages that are lost,
/// repeated, late and cut, crashes, and databases that are put back.
struct FleetStory {
    static let users = ["ada", "bob", "cay", "dov", "eve"]

    let fleet: Fleet
    var desk: FleetDesk
    var dice: SeededGenerator
    var devices: [ModelDevice] = []
    var scopes: [ScopeID] = []
    let keys: [SubjectKey: String]
    /// Requests that will arrive late, once more.
    private var late: [(device: DeviceID, request: PushRequest)] = []
    /// How far central said that it has each lane, in this life of central.
    private var acknowledged: [LaneAddress: UInt64] = [:]
    private var enrolled: [(SubjectKey, SubjectVersion)] = []
    /// What is known to be erased on each device.
    private var erased: [DeviceID: [SubjectKey: UInt64]] = [:]
    private var backups: [DeviceID: ModelDevice.Disk] = [:]
    /// Whether something was put back: what only that disk knew is lost.
    private var isPutBack = false
    private var wall: Int64 = 1_800_000_000_000_000

    init(seed: UInt64) async throws {
        fleet = try Fleet(options: FleetOptions(pageLimit: 3))
        dice = SeededGenerator(seed: seed)
        desk = try await fleet.open()
        var keys: [SubjectKey: String] = [:]
        for user in Self.users { keys[try desk.subject(tenant: Fleet.tenant, user: user)] = user }
        self.keys = keys
        scopes = [try #require(try await desk.scopes().first).id, try await desk.createScope(named: "East").id]
        for _ in 0..<3 {
            let real = try TestDevice()
            let token = try await desk.makeToken(scopes: drawScopes()).text.reveal()
            _ = try await desk.provision(real.request(token: token))
            let vault = real.vault
            devices.append(
                ModelDevice(id: real.id) { bytes in (try? vault.sha256(bytes)).flatMap { ChainHash($0) } ?? .start })
        }
    }

    private mutating func drawSubject() -> SubjectKey {
        let user = Self.users[dice.below(Self.users.count)]
        return keys.first { $0.value == user }?.key ?? SubjectKey(rawValue: UUID())
    }

    private mutating func drawScopes() -> [ScopeID] {
        let first = dice.below(2)
        return dice.falls(0.5) ? [scopes[first]] : [scopes[first], scopes[1 - first]]
    }

    mutating func run(steps: Int) async throws -> String? {
        for _ in 0..<steps {
            try await step()
            if let broken = try await brokenPromise() { return broken }
        }
        return try await heal()
    }

    private mutating func step() async throws {
        wall += 1_000_000
        fleet.clock.advance(by: .seconds(1))
        let place = dice.below(devices.count)
        switch dice.below(16) {
        case 0, 1, 2: try await enroll(place)
        case 3: eraseAtDevice(place)
        case 4: work(place)
        case 5, 6, 7, 8: try await push(place, Lane.allCases[dice.below(4)])
        case 9, 10, 11: try await pull(place)
        case 12: try await redeliver()
        case 13: try await crash()
        case 14: try await operate(place)
        default: try await putBack(place)
        }
    }

    // MARK: People

    private mutating func enroll(_ place: Int) async throws {
        let key = drawSubject()
        var consent: UInt64?
        let replica = devices[place].disk.replicas[key]
        if let replica, replica.effective == nil, replica.erasedBelow > 0 {
            consent = try? await desk.consent(ConsentRequest(subject: key), of: devices[place].id).consent
        }
        let made = devices[place].enroll(keys[key] ?? "", key, wall: wall, consent: consent)
        if let made { enrolled.append((key, made)) }
    }

    private mutating func eraseAtDevice(_ place: Int) {
        let subject = drawSubject()
        devices[place].erase(subject)
        note(place)
    }

    private mutating func work(_ place: Int) {
        let number = dice.below(1000)
        let user = Self.users[dice.below(Self.users.count)]
        devices[place].append("decision", #"{"n":\#(number)}"#, to: .audit)
        devices[place].append("event", #"{"data":{"user_id":"\#(user)","n":\#(number)}}"#, to: .events)
        if number % 7 == 0 { devices[place].append(RecordKind.enrolled, "poison", to: .enrollment) }
    }

    private mutating func note(_ place: Int) {
        for (key, replica) in devices[place].disk.replicas {
            let id = devices[place].id
            erased[id, default: [:]][key] = max(erased[id]?[key] ?? 0, replica.erasedBelow)
        }
    }

    // MARK: Messages

    private mutating func push(_ place: Int, _ lane: Lane) async throws {
        let stock = devices[place].disk.lanes[lane] ?? .init()
        guard var request = devices[place].pushRequest(lane, from: stock.released + 1, limit: 1 + dice.below(5)) else {
            return
        }
        if dice.falls(0.1) { request.records[request.records.count - 1].payload = "cut" }
        if dice.falls(0.3) { late.append((devices[place].id, request)) }
        if dice.falls(0.1) { return }
        try await deliver(request, place, isHeard: !dice.falls(0.15))
    }

    /// Sends a batch; whatever central says is followed, unless the answer is lost.
    private mutating func deliver(_ request: PushRequest, _ place: Int, isHeard: Bool = true) async throws {
        let id = devices[place].id
        do {
            let answer = try await desk.push(request, of: id)
            let address = LaneAddress(device: id, epoch: request.epoch, lane: request.lane)
            acknowledged[address] = max(acknowledged[address] ?? 0, answer.acknowledged)
            guard isHeard, request.epoch == devices[place].disk.epoch else { return }
            if !devices[place].take(answer, of: request.lane) { devices[place].beginEpoch(keys) }
        } catch let refusal {
            guard isHeard, request.epoch == devices[place].disk.epoch else { return }
            try await follow(refusal, request, place)
        }
    }

    private mutating func follow(_ refusal: SyncRefusal, _ request: PushRequest, _ place: Int) async throws {
        switch refusal {
        case .gap(let expected):
            let released = devices[place].disk.lanes[request.lane]?.released ?? 0
            let first = max(expected, released + 1)
            let again = devices[place].pushRequest(
                request.lane, from: first, limit: 5, lostFrom: expected < first ? expected : nil)
            if let again, again != request { try await deliver(again, place) }
        case .epochEnded: devices[place].beginEpoch(keys)
        case .epochNeeded: try await open(place)
        case .fork, .quarantined:
            // Somebody looks at the device and lets it in again.
            _ = try await desk.release(devices[place].id)
            devices[place].beginEpoch(keys)
        case .malformed, .busy, .revoked, .tokenInvalid, .deviceUnknown, .certificateNeeded, .certificateRefused,
            .unreachable:
            break
        }
    }

    private mutating func open(_ place: Int) async throws {
        let disk = devices[place].disk
        let opening = EpochOpening(epoch: disk.epoch, history: disk.history, reason: .restored)
        let request = OpenRequest(opening: opening, model: TestDevice.model, software: "1")
        do { _ = try await desk.open(request, of: devices[place].id) } catch SyncRefusal.epochEnded {
            devices[place].beginEpoch(keys)
        } catch SyncRefusal.quarantined {
            _ = try await desk.release(devices[place].id)
            devices[place].beginEpoch(keys)
        }
    }

    private mutating func pull(_ place: Int) async throws {
        guard let answer = try? await desk.pull(devices[place].pullRequest, of: devices[place].id) else { return }
        if dice.falls(0.15) { return }
        devices[place].apply(answer, keys)
        note(place)
    }

    private mutating func redeliver() async throws {
        guard !late.isEmpty else { return }
        let message = late.remove(at: dice.below(late.count))
        guard let answer = try? await desk.push(message.request, of: message.device) else { return }
        let address = LaneAddress(
            device: message.device, epoch: message.request.epoch, lane: message.request.lane)
        acknowledged[address] = max(acknowledged[address] ?? 0, answer.acknowledged)
    }

    // MARK: Faults

    /// Central stops without a word and starts again.
    private mutating func crash() async throws {
        let before = desk.incarnation
        await desk.database.close()
        desk = try await fleet.open()
        #expect(desk.incarnation == before)
    }

    private mutating func operate(_ place: Int) async throws {
        let user = Self.users[dice.below(Self.users.count)]
        switch dice.below(4) {
        case 0: _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: user)
        case 1: _ = try await desk.assign(drawScopes(), to: devices[place].id)
        case 2: try await desk.tidy()
        default: backups[devices[place].id] = devices[place].disk
        }
    }

    private mutating func putBack(_ place: Int) async throws {
        switch dice.below(6) {
        case 0:
            guard var disk = backups[devices[place].id] else { return }
            // Every epoch since is known to whoever says that the disk was put back.
            disk.history = devices[place].disk.history + [devices[place].disk.epoch]
            disk.epoch = Epoch()
            disk.lanes = [:]
            devices[place].disk = disk
            erased[devices[place].id] = disk.replicas.mapValues(\.erasedBelow)
            // A new epoch says again what only this device may know.
            devices[place].offerAgain(keys)
            isPutBack = true
        case 1:
            desk = try await fleet.keepCopy(of: desk)
        case 2:
            let before = desk.incarnation
            guard let restored = try await fleet.putBackCopy(closing: desk) else { return }
            desk = restored
            #expect(desk.incarnation != before)
            (acknowledged, isPutBack) = ([:], true)
        default: break
        }
    }
}

extension FleetStory {
    // MARK: Promises

    /// What must hold after each step.
    private func brokenPromise() async throws -> String? {
        for device in devices {
            for (key, below) in erased[device.id] ?? [:] {
                if let held = device.disk.replicas[key]?.effective, held.consent < below {
                    return "I5: somebody who was erased can be matched again"
                }
            }
        }
        let acknowledged = acknowledged
        return try await desk.database.read { db in
            for (address, number) in acknowledged {
                let end = try LaneTable.find(address, db)?.cursor.acknowledged ?? 0
                if end < number { return "I1: central lost records of \(address.lane)" }
            }
            return nil
        }
    }

    /// Puts everything right and looks whether all agree.
    private mutating func heal() async throws -> String? {
        for _ in 0..<60 {
            for place in devices.indices {
                try await open(place)
                for lane in Lane.allCases { try await pushAll(place, lane) }
                for _ in 0..<40 {
                    let answer = try await desk.pull(devices[place].pullRequest, of: devices[place].id)
                    devices[place].apply(answer, keys)
                    if !answer.hasMore { break }
                }
                note(place)
            }
            if try await divergence() == nil { break }
        }
        if let broken = try await divergence() { return broken }
        return try await brokenBooks()
    }

    private mutating func pushAll(_ place: Int, _ lane: Lane) async throws {
        for _ in 0..<200 {
            guard let stock = devices[place].disk.lanes[lane], !stock.records.isEmpty,
                let request = devices[place].pushRequest(lane, from: stock.released + 1, limit: 5)
            else { return }
            try await deliver(request, place)
        }
    }

    private func divergence() async throws -> String? {
        for device in devices {
            let listed = try await desk.device(device.id)
            guard device.disk.incarnation == desk.incarnation else { return "I7: a device knows an earlier central" }
            for (lane, stock) in device.disk.lanes {
                guard stock.records.isEmpty else { return "I7: \(lane) holds \(stock.records.count) records" }
                let end = listed.lanes.first { $0.lane == lane }
                if end?.acknowledged == stock.newest {
                    guard end?.head == stock.head else { return "I4: two histories of \(lane) are believed" }
                } else if !isPutBack {
                    return "I4: \(lane) ends at \(end?.acknowledged ?? 0) and at \(stock.newest)"
                }
            }
            let held = Set(device.disk.replicas.values.flatMap(\.scopes))
            guard held.isSubset(of: listed.scopes) else { return "I7: a device keeps a scope that it left" }
            guard device.disk.mistrusted.isEmpty else { return "I7: a replica differs from central" }
            guard device.disk.replicas.values.allSatisfy({ $0.pending == nil }) else { return "I7: not settled" }
        }
        let open = try await desk.erasures(openOnly: true)
        guard let first = open.first else { return nil }
        return "I7: \(open.count) erasures are not proven, for example \(first)"
    }

    /// What central's file must hold in the end.
    private func brokenBooks() async throws -> String? {
        let (enrolled, isPutBack) = (enrolled, isPutBack)
        return try await desk.database.read { db in
            let holes =
                try db.value(
                    """
                    SELECT count(*) FROM lanes l WHERE acknowledged <>
                        (SELECT count(*) FROM records r WHERE r.lane_key = l.key)
                        + (SELECT CAST(coalesce(sum(last - first + 1), 0) AS BIGINT) FROM lost_records x WHERE x.lane_key = l.key)
                    """) ?? 0
            if holes != 0 { return "I2: a lane has a hole" }
            let readable =
                try db.value(
                    """
                    SELECT count(*) FROM records r JOIN subjects s ON s.key = r.subject
                    WHERE r.payload IS NOT NULL AND r.consent < s.erased_below
                    """) ?? 0
            if readable != 0 { return "I5: a payload outlived its erasure" }
            for row in try db.rows("SELECT key FROM subjects") {
                let subject = try SubjectTable.find(row.id("key"), db)
                guard subject.state.alive == nil else { continue }
                let keys =
                    try db.value(
                        "SELECT count(*) FROM seal_keys WHERE owner = ?", [subject.key.column]) ?? 0
                if subject.payload != nil || keys != 0 { return "I5: the key of somebody who was erased is there" }
            }
            for (key, version) in enrolled where !isPutBack {
                let state = try SubjectTable.find(key, db).state
                let isCovered =
                    state.erasedBelow > version.consent
                    || (state.version.map { ($0.consent, $0.generation) >= (version.consent, version.generation) }
                        ?? false)
                if !isCovered { return "I1: an enrollment is lost" }
            }
            return nil
        }
    }
}
