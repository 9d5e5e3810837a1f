import EdgeCore
import Synchronization
import SyncCore
import Vault

@testable import Sync

/// The central on paper with somebody beside it who sees what is made ready and sent, and who may answer in its place.
final class WatchedDesk: CentralDesk {
    /// What was done with a batch, by its lane and its first record.
    enum Step: Equatable {
        case ready(Lane, UInt64)
        case sent(Lane, UInt64)
        case answered(Lane, UInt64)
    }

    /// What becomes of a batch of decisions.
    enum Fate: Sendable {
        /// Central takes it.
        case taken
        /// Central gets only so many of its records.
        case cut(Int)
        /// Central does not get it.
        case refused(SyncRefusal)
    }

    /// Decides about the batches of decisions; `number` counts them from 1.
    typealias Judge = @Sendable (_ desk: WatchedDesk, _ number: Int, _ request: PushRequest) async -> Fate

    let central: PaperCentral
    /// The most records that it says it takes.
    let batch: Int?
    private let judge: Judge
    private let steps = Mutex<[Step]>([])
    private let bell = Bell()

    init(_ central: PaperCentral, batch: Int? = nil, judge: @escaping Judge) {
        self.central = central
        self.batch = batch
        self.judge = judge
    }

    var done: [Step] { steps.withLock { $0 } }

    /// The first records of all batches of decisions that were made ready, or sent.
    var readied: [UInt64] {
        var firsts: [UInt64] = []
        for case .ready(.audit, let first) in done { firsts.append(first) }
        return firsts
    }

    var sent: [UInt64] {
        var firsts: [UInt64] = []
        for case .sent(.audit, let first) in done { firsts.append(first) }
        return firsts
    }

    /// Those that were made ready while another one waited for its answer.
    var madeAhead: [UInt64] {
        var firsts: [UInt64] = []
        var isWaiting = false
        for step in done {
            switch step {
            case .sent(.audit, _): isWaiting = true
            case .answered(.audit, _): isWaiting = false
            case .ready(.audit, let first): if isWaiting { firsts.append(first) }
            case .sent, .answered, .ready: break
            }
        }
        return firsts
    }

    /// Waits until a batch has been made ready.
    func awaitReady(_ lane: Lane, _ first: UInt64) async {
        while !done.contains(.ready(lane, first)) { await bell.wait(orUntil: { await untilCancelled() }) }
    }

    /// Lets whatever could be done beside an answer be done.
    static func giveWay() async { for _ in 0..<500 { await Task.yield() } }

    private func note(_ step: Step) { steps.withLock { $0.append(step) } }

    func ready(_ request: PushRequest) async -> ReadyPush {
        note(.ready(request.lane, request.first))
        bell.ring()
        return .message(request)
    }

    func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        note(.sent(request.lane, request.first))
        var fate = Fate.taken
        if request.lane == .audit { fate = await judge(self, sent.count, request) }
        let answer: PushAnswer
        switch fate {
        case .taken: answer = try await central.push(request, of: device)
        case .cut(let count): answer = try await central.push(try cut(request, to: count, of: device), of: device)
        case .refused(let refusal): throw refusal
        }
        note(.answered(request.lane, request.first))
        return answer
    }

    private func cut(_ request: PushRequest, to count: Int, of device: DeviceID) throws(SyncRefusal) -> PushRequest {
        let batch = try request.batch(of: device) { (try? central.vault.sha256($0)) ?? [] }
        var part = request
        part.records = Array(request.records.prefix(count))
        part.head = batch.hashes[count - 1]
        return part
    }

    func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        var answer = try await central.open(request, of: device)
        answer.batch = batch
        return answer
    }

    func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try await central.pull(request, of: device)
    }

    func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        try await central.consent(request, of: device)
    }
}
