import EdgeCore
import FoundationEssentials
import Logging
public import SyncCore

extension FleetDesk: CentralDesk {
    /// Says again which epoch the device is in, or begins one.
    public func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try await decide { transaction in
            switch try transaction.member(device) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let entry): return try transaction.open(request, of: entry)
            }
        }
    }

    /// Takes records; a batch takes effect once however often it arrives.
    public func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        let checker: any ProofChecker = keys.signer
        let push = try ReadBatch(request, of: device, pseudonyms: pseudonyms, checker: checker)
        let taken = try await decide(alone: request.lane.changesPeople) { transaction in
            try transaction.push(push, of: device, checker)
        }
        var answer = taken.answer
        if let checkpoint = taken.checkpoint { answer.cosigned = cosigned(checkpoint) }
        if !answer.refused.isEmpty {
            log.warning(
                "records were set aside",
                metadata: [
                    "device": "\(device)", "lane": "\(request.lane.rawValue)", "count": "\(answer.refused.count)",
                ])
        }
        return answer
    }

    /// Gives the consent under which somebody who was erased may be enrolled again.
    public func consent(
        _ request: ConsentRequest, of device: DeviceID
    ) async throws(SyncRefusal) -> ConsentAnswer {
        try await decide { transaction in
            switch try transaction.member(device) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let entry) where entry.standing == .quarantined: return .failure(.quarantined)
            case .success:
                let state = try SubjectTable.find(request.subject, transaction.db).state
                return .success(ConsentAnswer(consent: state.erasedBelow))
            }
        }
    }
}

extension FleetTransaction {
    /// The device, unless it is unknown or was taken out; notes that it was heard of.
    func member(_ id: DeviceID) throws -> Result<DeviceEntry, SyncRefusal> {
        if let device = try DeviceTable.saw(id, at: wall, db) { return .success(device) }
        return .failure(try DeviceTable.find(id, db) == nil ? .deviceUnknown : .revoked)
    }

    mutating func open(_ request: OpenRequest, of device: DeviceEntry) throws -> Result<OpenAnswer, SyncRefusal> {
        guard device.standing == .active else { return .failure(.quarantined) }
        var device = device
        (device.model, device.software) = (request.model, request.software)
        let verdict = device.epochs.open(request.opening)
        guard verdict != .forked else {
            try quarantine(device, because: "an epoch that follows no present one")
            return .failure(.quarantined)
        }
        try DeviceTable.keep(device, db)
        guard verdict != .ended else { return .failure(.epochEnded) }
        guard let incarnation = try MetaTable.incarnation(db) else { throw EdgeError(.storeCorrupt) }
        return .success(
            OpenAnswer(
                isKnown: verdict == .known, incarnation: incarnation,
                lanes: try LaneTable.ends(of: device.id, epoch: request.opening.epoch, db),
                model: try fleetModel(besides: device.model), batch: RecordBatch.limit))
    }

    /// What a push has come to.
    struct Taken: Sendable {
        let answer: PushAnswer
        /// A checkpoint of the device that may be cosigned.
        let checkpoint: String?
    }

    mutating func push(
        _ push: ReadBatch, of id: DeviceID, _ checker: any ProofChecker
    ) throws -> Result<Taken, SyncRefusal> {
        let device: DeviceEntry
        switch try member(id) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let found): device = found
        }
        guard device.standing == .active else { return .failure(.quarantined) }
        guard push.address.epoch == device.epochs.present else {
            return .failure(device.epochs.ended.contains(push.address.epoch) ? .epochEnded : .epochNeeded)
        }
        let checkpoint = try push.checkpoint.map { try note($0, of: device, push.address.epoch, checker) }
        guard checkpoint != .forked else { return .failure(.quarantined) }
        try noteClock(push, of: device)
        switch try take(push, of: device, checker) {
        case .failure(let refusal): return .failure(refusal)
        case .success(let answer):
            return .success(Taken(answer: answer, checkpoint: checkpoint == .kept ? push.checkpoint : nil))
        }
    }

    /// The model of the fleet's templates is its first member's.
    func fleetModel(besides model: ModelName) throws -> ModelName {
        guard let known = try MetaTable.value(.model, db) else {
            try MetaTable.keep(Array(JSONColumn.text(model).utf8), as: .model, db)
            return model
        }
        return try JSONColumn.value(String(decoding: known, as: UTF8.self))
    }

    /// Stamps from far ahead are set back where they decide, and the device's clock is to be looked at.
    private func noteClock(_ push: ReadBatch, of device: DeviceEntry) throws {
        let newest = push.records.map(\.head.moment.wall).max() ?? wall
        let ahead = newest.subtractingReportingOverflow(wall)
        let shown = ahead.overflow || ahead.partialValue <= HybridTime.tolerance ? 0 : ahead.partialValue
        guard shown != device.clockAhead else { return }
        try db.execute("UPDATE devices SET clock_ahead = ? WHERE id = ?", [shown, device.id.column])
    }
}

extension Lane {
    /// Whether its records change what is known of people, so that they are taken with nobody beside.
    fileprivate var changesPeople: Bool { self == .control || self == .enrollment }
}
