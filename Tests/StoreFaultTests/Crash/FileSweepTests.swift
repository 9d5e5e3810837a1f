import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

private let isDeep = ProcessInfo.processInfo.environment["EDGED_DEEP"] != nil

@Suite("A call of the system for a file beside the database fails once")
struct FileSweepTests {
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let kind: fc_kind
        let code: Int32
        /// Every n-th call in the short run.
        let stride: Int

        init(_ name: String, _ kind: fc_kind, _ code: Int32, stride: Int) {
            testDescription = name
            self.kind = kind
            self.code = code
            self.stride = stride
        }

        static let all = [
            Kind("open", FC_OPEN, EIO, stride: 83), Kind("read", FC_READ, EIO, stride: 101),
            Kind("write", FC_WRITE, EIO, stride: 67), Kind("write, the disk is full", FC_WRITE, ENOSPC, stride: 71),
            Kind("half a write", FC_SHORT_WRITE, 0, stride: 73), Kind("sync", FC_SYNC, EIO, stride: 23),
            Kind("resize", FC_RESIZE, ENOSPC, stride: 3), Kind("name", FC_NAME, EIO, stride: 7),
            Kind("unlink", FC_UNLINK, EIO, stride: 43),
        ]
    }

    @Test(
        "whichever it is, all that was answered is there, what was not done is told, and nobody is taken to have touched it",
        arguments: Kind.all)
    func once(kind: Kind) async throws {
        let part = DeepPart.ofThisProcess
        let sweep = FileSweep(
            kind: kind.kind, code: kind.code, stride: isDeep ? part.count : kind.stride,
            offset: isDeep ? part.number : 0)
        let report = try await sweep.run()
        print("file sweep, \(kind.testDescription): \(report.summary)")
        #expect(report.faults.isEmpty)
        #expect(report.injected > 0)
    }

    @Test("the harness sees the calls of the vault, the store and SQLite, and none of another directory")
    func sees() async throws {
        let (world, other) = (try FileWorld(), try FileWorld())
        try await world.open()
        for kind in [FC_OPEN, FC_READ, FC_WRITE, FC_SYNC, FC_NAME, FC_UNLINK] {
            #expect(world.calls.count(kind) > 0)
            #expect(other.calls.count(kind) == 0)
        }
        try world.opened().room.look()
        #expect(world.calls.count(FC_RESIZE) > 0)
        let before = world.calls.count(FC_WRITE)
        _ = try await world.opened().backUp(to: world.copy)
        #expect(world.calls.count(FC_WRITE) > before + 10, "pages that SQLite writes into a copy")
        await world.close()
    }
}

extension FileSweep.Report {
    var summary: String {
        """
        \(injected) failures of \(calls) calls, \(refused) refused (\(codes.sorted().joined(separator: ", "))), \
        \(absorbed) got over, told: \(told.sorted().joined(separator: ", "))
        """
    }
}
