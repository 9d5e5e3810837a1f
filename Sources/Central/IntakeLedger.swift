public import Logging
public import SyncCore

/// Applies the intake rule for a whole fleet: per device, epoch and lane.
///
/// Everything is held in memory. The records themselves, their place on disk and the HTTP side come with the central
/// role; until then nothing outside the tests runs it, and an acknowledgement of this ledger does not outlive the process.
public actor IntakeLedger {
    /// The answer to one batch.
    public enum Answer: Sendable, Equatable {
        /// Everything up to this number has been taken.
        case acknowledged(UInt64)
        /// Go back to this number.
        case rewind(expected: UInt64)
        /// The device is quarantined: it told two histories, and an operator must look at it.
        case quarantined
    }

    private struct LaneState {
        var cursor = LaneCursor.start
        /// The running hash after each record that was taken; older batches are compared with them.
        var hashes: [UInt64: ChainHash] = [0: .start]

        mutating func take(_ batch: RecordBatch, _ cursor: LaneCursor) {
            for (sequence, hash) in zip(batch.first..., batch.hashes) { hashes[sequence] = hash }
            self.cursor = cursor
        }
    }

    private var lanes: [LaneAddress: LaneState] = [:]
    private var quarantined: Set<DeviceID> = []
    private let log: Logger

    /// Creates a ledger that has taken nothing yet.
    public init(log: Logger) { self.log = log }

    /// Takes a batch, or says why not; a batch takes effect once however often it arrives.
    public func take(_ batch: RecordBatch, of address: LaneAddress) -> Answer {
        guard !quarantined.contains(address.device) else { return .quarantined }
        var state = lanes[address, default: LaneState()]
        let verdict = IntakeRule.judge(batch, at: state.cursor) { state.hashes[$0] }
        switch verdict {
        case .accepted(_, let cursor), .acceptedWithLoss(_, let cursor):
            state.take(batch, cursor)
            lanes[address] = state
            return .acknowledged(cursor.acknowledged)
        case .duplicate(let acknowledged):
            return .acknowledged(acknowledged)
        case .gap(let expected):
            return .rewind(expected: expected)
        case .fork(let sequence):
            quarantined.insert(address.device)
            log.error(
                "a device told two histories and is quarantined",
                metadata: [
                    "device": "\(address.device.rawValue)", "lane": "\(address.lane)", "sequence": "\(sequence)",
                ])
            return .quarantined
        }
    }

    /// How far a lane has been taken.
    public func cursor(of address: LaneAddress) -> LaneCursor { lanes[address]?.cursor ?? .start }

    /// Whether the device is quarantined.
    public func isQuarantined(_ device: DeviceID) -> Bool { quarantined.contains(device) }

    /// Ends a quarantine after an operator has looked; the device must come back with a new epoch.
    public func release(_ device: DeviceID) { quarantined.remove(device) }
}
