import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

/// Whether SQLite asks for memory by way of the harness; settled before anything else of this process uses SQLite.
private func installMemory() throws {
    guard fv_memory_install() == 0 else { throw EdgeError(.internalFault, "SQLite was in use already") }
}

@Suite("A call of the system fails once")
struct FaultSweepTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let fault: FaultSweep.Fault
        /// Every n-th call in the short run; the rare ones are all tried.
        let stride: Int

        init(_ name: String, _ kind: fv_kind, _ code: Int32, stride: Int = 1) {
            testDescription = name
            fault = .disk(kind, code)
            self.stride = stride
        }

        static let all = [
            Kind("write", FV_WRITE, 778, stride: 17), Kind("write, the disk is full", FV_WRITE, 13, stride: 19),
            Kind("half a write", FV_SHORT_WRITE, 13, stride: 23), Kind("sync", FV_SYNC, 1034),
            Kind("sync, and the data is lost", FV_LOST_SYNC, 1034), Kind("truncate", FV_TRUNCATE, 1546),
            Kind("read", FV_READ, 266), Kind("open", FV_OPEN, 14), Kind("delete", FV_DELETE, 2570),
        ]
    }

    @Test(
        "whichever it is, nothing is answered that is not on disk, and nothing is done by halves", arguments: Kind.all)
    func disk(kind: Kind) async throws {
        let report = try await FaultSweep(kind.fault, stride: isDeep ? 1 : kind.stride).run()
        print("fault sweep, \(kind.testDescription): \(report.summary)")
        #expect(report.faults.isEmpty)
        #expect(report.injected > 0)
    }

    @Test("the first allocations of each step, whichever it is, keep nobody waiting for ever")
    func firstAllocations() async throws {
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try installMemory()
            let sweep = FaultSweep(.memory, stride: 1, through: 4) { step in
                FileHandle.standardError.write(Data("\(step)\n".utf8))
            }
            let report = try await sweep.run()
            FileHandle.standardError.write(Data((report.faults + [report.summary]).joined(separator: "\n").utf8))
            guard report.faults.isEmpty, report.injected > 0 else { exit(1) }
        }
        print(String(decoding: try #require(result).standardErrorContent, as: UTF8.self))
    }

    @Test("whichever allocation it is, nothing is answered that is not on disk, and nothing is done by halves")
    func memory() async throws {
        // A process of its own: SQLite takes another memory only before its first use.
        let result = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) {
            try installMemory()
            let part = DeepPart.ofThisProcess
            let report = try await FaultSweep(
                .memory, stride: isDeep ? part.count : 211, offset: isDeep ? part.number : 0
            ).run()
            let told = "fault sweep, memory: \(report.summary), \(fv_memory_passed_over()) passed over\n"
            FileHandle.standardError.write(Data((report.faults + [told]).joined(separator: "\n").utf8))
            guard report.faults.isEmpty, report.injected > 0 else { exit(1) }
        }
        print(String(decoding: try #require(result).standardErrorContent, as: UTF8.self))
    }
}

extension FaultSweep.Report {
    var summary: String {
        """
        \(injected) failures, \(refused) refused (\(codes.sorted().joined(separator: ", "))), \(told) told \
        as a condition, \(absorbed) got over, \
        \(unanswered) done without an answer, \(reopened) reopened, \(proven) proven
        """
    }
}
