import CWipingHeap
import Dispatch
import Logging

/// Keeps the process's memory small, and clean of those who were erased.
final class MemoryUpkeep: Sendable {
    private static let interval = Duration.seconds(30)
    /// After the first of these the request that erased somebody is over; after the others whatever went on beside it.
    private static let wipeAfter: [Duration] = [.seconds(1), .seconds(4), .seconds(10)]

    private let log: Logger
    private let (forgotten, tellForgotten) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    init(log: Logger) { self.log = log }

    /// Notes that somebody was erased, or something personal removed.
    func noteForgotten() { tellForgotten.yield() }

    /// Works until it is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.returnUnused() }
            group.addTask { try await self.wipeStacks() }
            try await group.waitForAll()
        }
    }

    /// A burst of large pictures must not stay in the heap for the weeks that a device runs.
    private func returnUnused() async throws {
        while true {
            try await Task.sleep(for: Self.interval, tolerance: .seconds(5))
            await apart { edged_return_unused_memory() }
        }
    }

    private func wipeStacks() async throws {
        for await _ in forgotten {
            for pause in Self.wipeAfter {
                try await Task.sleep(for: pause)
                let left = await apart { edged_wipe_stacks() }
                if left != 0 { log.warning("stacks not wiped after an erasure", metadata: ["left": "\(left)"]) }
            }
        }
    }

    /// On a thread that nobody shares: the heap is locked meanwhile, arena by arena, and other threads are waited for.
    private func apart<Outcome: Sendable>(_ body: @escaping @Sendable () -> Outcome) async -> Outcome {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .utility).async { continuation.resume(returning: body()) }
        }
    }
}
