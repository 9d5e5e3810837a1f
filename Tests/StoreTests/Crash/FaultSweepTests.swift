import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

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
            Kind("read", FV_READ, 266, stride: 7), Kind("open", FV_OPEN, 14), Kind("delete", FV_DELETE, 2570),
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
}

extension FaultSweep.Report {
    var summary: String {
        """
        \(injected) failures, \(refused) refused (\(codes.sorted().joined(separator: ", "))), \(absorbed) got over, \
        \(unanswered) done without an answer, \(reopened) reopened, \(proven) proven
        """
    }
}
