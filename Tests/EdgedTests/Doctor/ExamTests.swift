import EdgeCore
import FoundationEssentials
import Testing

@testable import edged

@Suite("What the doctor makes of the machine")
struct ExamTests {
    @Test("the exit status is 1 for something to mend, 2 where nobody could look, and notes do not count")
    func exits() {
        func status(_ verdicts: Finding.Verdict...) -> Int32 {
            Finding.exitStatus(verdicts.map { Finding(.disk, $0, "") })
        }
        #expect(status() == 0)
        #expect(status(.good, .note) == 0)
        #expect(status(.good, .unknown) == 2)
        #expect(status(.unknown, .warning) == 1)
        #expect(status(.bad, .unknown) == 1)
    }

    @Test("a disk that is nearly full, and one that is gone at the next start")
    func disk() {
        func verdict(_ mebibytes: Int64, _ kind: String?) -> Finding.Verdict {
            MachineExam.disk(free: mebibytes << 20, of: "/var/lib/edged", kind: kind).verdict
        }
        #expect(verdict(10_000, "ext4") == .good)
        #expect(verdict(300, "ext4") == .warning)
        #expect(verdict(10, "ext4") == .bad)
        #expect(verdict(10_000, "tmpfs") == .warning)
        #expect(verdict(10_000, nil) == .good)
    }

    @Test("the file system is that of the nearest mount, the last one where two lie over each other")
    func mounts() {
        let mounts = """
            /dev/root / ext4 rw 0 0
            tmpfs /var/lib tmpfs rw 0 0
            /dev/sda1 /var/lib ext4 rw 0 0
            tmpfs /var/lib/edge tmpfs rw 0 0
            """
        #expect(MachineExam.kind(ofFileSystemAt: "/var/lib/edged", mounts) == "ext4")
        #expect(MachineExam.kind(ofFileSystemAt: "/var/lib/edge/x", mounts) == "tmpfs")
        #expect(MachineExam.kind(ofFileSystemAt: "/etc", "") == nil)
    }

    @Test("a way out is a default route, of the old or the new protocol, and not the refusing one")
    func routes() {
        let heading = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
        let near = "eth0 0000A8C0 00000000 0001 0 0 100 00FFFFFF 0 0 0\n"
        let out = "eth0 00000000 0100A8C0 0003 0 0 100 00000000 0 0 0\n"
        #expect(MachineExam.hasDefaultRoute(heading + near + out, ""))
        #expect(!MachineExam.hasDefaultRoute(heading + near, ""))
        let zero = String(repeating: "0", count: 32)
        let gate = "fe80" + String(repeating: "0", count: 27) + "1"
        #expect(MachineExam.hasDefaultRoute("", "\(zero) 00 \(zero) 00 \(gate) 00000400 1 0 00450003 eth0"))
        #expect(!MachineExam.hasDefaultRoute("", "\(zero) 00 \(zero) 00 \(zero) ffffffff 1 0 00200200 lo"))
    }

    @Test("a unit that is not enabled, stopped, restarted or opened is told; as it was brought it is good")
    func unit() {
        var has = Dictionary(uniqueKeysWithValues: UnitExam.sandbox.map { ($0.property, $0.value) })
        has.merge(["LoadState": "loaded", "UnitFileState": "enabled", "ActiveState": "active", "NRestarts": "0"]) { $1 }
        func found() -> [Finding.Verdict] { UnitExam.findings("edged.service", has).map(\.verdict) }
        #expect(found() == [.good])
        has["NoNewPrivileges"] = "no"
        #expect(found() == [.warning])
        has["ActiveState"] = "failed"
        #expect(found() == [.bad, .warning])
        has["NRestarts"] = "3"
        has["UnitFileState"] = "disabled"
        #expect(found() == [.warning, .bad, .warning, .warning])
        has["LoadState"] = "not-found"
        #expect(found() == [.note])
    }

    @Test(
        "each condition comes to the area that it is about",
        arguments: [
            ("capture.stream.frozen", Finding.Area.cameras), ("store.disk.full", .disk), ("store.mended", .daemon),
            ("sync.certificate.expiring", .certificate), ("sync.clock", .central), ("clock.suspect", .clock),
            ("vault.key.unavailable", .keys), ("liveness.unavailable", .models),
            ("liveness.infrared.unavailable", .cameras),
            ("configuration.waiting", .configuration),
        ])
    func areas(code: String, area: Finding.Area) { #expect(StatusExam.area(of: code) == area) }
}
