import EdgeCore
import FoundationEssentials
public import Logging
import SyncCore

/// How many events central takes in a second; on a disk that is the caller's to choose.
public struct CentralBench: Sendable {
    /// What was measured for one size of batches.
    public struct Figure: Sendable, Equatable {
        /// Records of one batch.
        public let batch: Int
        /// Records that were taken.
        public let records: Int
        /// How long that took.
        public let time: Duration

        /// Records a second.
        public var perSecond: Double {
            let parts = time.components
            let seconds = Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
            return seconds > 0 ? Double(records) / seconds : 0
        }
    }

    private let directory: String
    private let postgres: PostgresOptions?
    private let keys: FleetKeys
    private let devices: Int
    private let log: Logger

    /// `directory` is empty and stays the caller's, and so does `postgres`; `devices` push at the same time.
    public init(directory: String, postgres: PostgresOptions? = nil, keys: FleetKeys, devices: Int = 16, log: Logger) {
        self.directory = directory
        self.postgres = postgres
        self.keys = keys
        self.devices = max(devices, 1)
        self.log = log
    }

    /// Takes about `records` events in batches of `batch`; what is measured begins with whole requests and ends on disk.
    public func run(batch: Int, records: Int) async throws -> Figure {
        let desk = try await FleetDesk.open(
            directory: directory, postgres: postgres, keys: keys, tenants: Nobody(), health: HealthBoard(), log: log)
        let size = min(max(batch, 1), RecordBatch.limit)
        let rounds = max(records / devices / size, 1)
        do {
            var fleet: [[PushRequest]] = []
            var ids: [DeviceID] = []
            for _ in 0..<devices {
                let device = try await join(desk)
                ids.append(device.id)
                fleet.append(try requests(of: device.id, device.epoch, batch: size, rounds: rounds))
            }
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for (id, requests) in zip(ids, fleet) {
                    group.addTask {
                        for request in requests { _ = try await desk.push(request, of: id) }
                    }
                }
                try await group.waitForAll()
            }
            let time = ContinuousClock.now - start
            await desk.close()
            return Figure(batch: size, records: devices * size * rounds, time: time)
        } catch {
            await desk.close()
            throw error
        }
    }

    private struct Nobody: TenantDirectory {
        func name(of tenant: UUID) async -> String? { nil }
    }

    private func join(_ desk: FleetDesk) async throws -> (id: DeviceID, epoch: Epoch) {
        let (id, epoch) = (DeviceID(), Epoch())
        let token = try await desk.makeToken().text.reveal()
        let key = Data(keys.signer.publicKey).base64EncodedString()
        let proof = try keys.signer.sign(ProvisionRequest.statement(token: token, device: id, publicKey: key))
        let model = ModelName(id: "bench", version: "1")
        _ = try await desk.provision(
            ProvisionRequest(
                token: token, device: id, name: "bench", publicKey: key, proof: Data(proof).base64EncodedString(),
                model: model, software: "bench"))
        let opening = EpochOpening(epoch: epoch, history: [], reason: .fresh)
        _ = try await desk.open(OpenRequest(opening: opening, model: model, software: "bench"), of: id)
        return (id, epoch)
    }

    /// Events as a door makes them, chained.
    private func requests(
        of device: DeviceID, _ epoch: Epoch, batch: Int, rounds: Int
    ) throws -> [PushRequest] {
        let address = LaneAddress(device: device, epoch: epoch, lane: .events)
        let tenant = UUID()
        var hash = ChainHash.start
        var sequence: UInt64 = 0
        return try (0..<rounds).map { _ in
            let (first, previous) = (sequence + 1, hash)
            var records: [WireRecord] = []
            for _ in 0..<batch {
                sequence += 1
                let payload = Self.payload(sequence, device)
                let head = RecordHead(
                    position: RecordPosition(address, sequence: sequence), kind: "authentication.success",
                    tenant: tenant, person: nil, moment: RecordMoment(wall: Int64(sequence), boot: nil))
                let digest = try sha(Array(payload.utf8))
                hash = try sha(head.link(after: hash, digest: digest))
                let record = OutboxRecord(head: head, digest: digest, hash: hash, payload: .withheld)
                records.append(WireRecord(record, payload: payload))
            }
            return PushRequest(
                epoch: epoch, lane: .events, first: first, previous: previous, head: hash, lostFrom: nil,
                records: records)
        }
    }

    private func sha(_ bytes: [UInt8]) throws -> ChainHash {
        guard let hash = ChainHash(try keys.signer.sha256(bytes)) else { throw EdgeError(.internalFault) }
        return hash
    }

    private static func payload(_ number: UInt64, _ device: DeviceID) -> String {
        """
        {"salt":"\(device)","event_id":"\(device)","client_id":"\(device)","event":"authentication.success",\
        "source":"device","created_at":\(number),"data":{"user_id":"user-\(number % 200)","session_id":"\(device)",\
        "confidence_score":0.9731,"liveness_score":0.9984,"quality_score":0.8711,"frames_processed":4}}
        """
    }
}
