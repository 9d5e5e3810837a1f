import EdgeAPI
import EdgeCore
import Testing

@testable import edged

@Suite("The plan for passed sockets")
struct SocketPlanTests {
    private let control = SocketPlan.Wanted(
        name: .control, address: .unix(path: "/run/edged.sock"),
        file: SocketPlan.File(inode: 7, owner: 0, mode: 0o600))
    private let http = SocketPlan.Wanted(name: .loopback, address: .inet(host: "127.0.0.1", port: 8080))
    private let socket = SocketPlan.Wanted(
        name: .socket, address: .unix(path: "/run/api.sock"), file: SocketPlan.File(inode: 8, owner: 5, mode: 0o660))
    private let lan = SocketPlan.Wanted(name: .lan, address: .inet(host: "0.0.0.0", port: 8443))
    private var all: [SocketPlan.Wanted] { [control, http, socket, lan] }

    private func passed(
        _ name: String, _ address: SocketPlan.Address, descriptor: CInt = 3, isListening: Bool = true
    ) -> SocketPlan.Passed {
        SocketPlan.Passed(descriptor: descriptor, name: name, address: address, isListening: isListening)
    }

    private func plan(_ passed: [SocketPlan.Passed], _ wanted: [SocketPlan.Wanted]? = nil) -> SocketPlan {
        SocketPlan(passed: passed, wanted: wanted ?? all, user: 5)
    }

    private func fault(_ passed: SocketPlan.Passed, _ wanted: [SocketPlan.Wanted]? = nil) -> SocketPlan.Fault? {
        let plan = plan([passed], wanted)
        #expect(plan.adopted.isEmpty && plan.removed.isEmpty && plan.refused.count == 1)
        return plan.refused.first?.fault
    }

    @Test("where nothing is passed everything is bound")
    func nothing() throws {
        let plan = plan([])
        #expect(plan.bound == [.control, .loopback, .socket, .lan])
        #expect(plan.adopted.isEmpty && plan.removed.isEmpty)
        try plan.check()
    }

    @Test("a socket goes to the listener that it is named for, or under any other name to the one at its address")
    func adopts() throws {
        let plan = plan([
            passed("http", .inet(host: "127.0.0.1", port: 8080), descriptor: 3),
            passed("edged.socket", .inet(host: "0.0.0.0", port: 8443), descriptor: 4),
            passed("edged.socket", .unix(path: "/run/edged.sock"), descriptor: 5),
        ])
        #expect(plan.adopted == [.loopback: 3, .lan: 4, .control: 5])
        #expect(plan.bound == [.socket])
        try plan.check()
    }

    @Test("a listener on any port takes a socket on any, and localhost either of its addresses")
    func loose() {
        let any = SocketPlan.Wanted(name: .loopback, address: .inet(host: "localhost", port: 0))
        for host in ["127.0.0.1", "::1"] {
            #expect(plan([passed("", .inet(host: host, port: 4711))], [any]).adopted == [.loopback: 3], "\(host)")
        }
        #expect(fault(passed("", .inet(host: "127.0.0.2", port: 4711)), [any]) == .noListener)
    }

    @Test("addresses are compared by what they mean")
    func meaning() {
        let wanted = SocketPlan.Wanted(name: .lan, address: .inet(host: "2001:DB8:0:0::1", port: 8443))
        #expect(plan([passed("", .inet(host: "2001:db8::1", port: 8443))], [wanted]).adopted == [.lan: 3])
    }

    @Test("a listener on a host name takes only a socket that is named for it")
    func hostNames() {
        let named = SocketPlan.Wanted(name: .lan, address: .inet(host: "door.example", port: 8443))
        let address = SocketPlan.Address.inet(host: "192.0.2.1", port: 8443)
        #expect(plan([passed("http-lan", address)], [named]).adopted == [.lan: 3])
        #expect(fault(passed("edged.socket", address), [named]) == .noListener)
    }

    @Test(
        "a socket that no listener can serve is refused: at another address, for a wider one, twice, or not listening")
    func refuses() {
        #expect(fault(passed("http", .inet(host: "127.0.0.1", port: 9000))) == .elsewhere(http))
        #expect(fault(passed("http", .unix(path: "/run/api.sock"))) == .elsewhere(http))
        #expect(fault(passed("other", .inet(host: "::", port: 8443))) == .noListener)
        #expect(fault(passed("other", .other)) == .noListener)
        #expect(fault(passed("http-lan", .inet(host: "0.0.0.0", port: 8443)), [control, http]) == .noListener)
        #expect(fault(passed("http", http.address, isListening: false)) == .notListening)
        let twice = plan([passed("http", http.address), passed("", http.address, descriptor: 4)])
        #expect(twice.adopted == [.loopback: 3])
        #expect(twice.refused.map(\.fault) == [.secondOf(.loopback)])
    }

    @Test(
        "a Unix socket is refused that more people may open than the daemon would let, or whose file is not there",
        arguments: [
            (ListenerName.control, UInt32(0), UInt16(0o600), true), (.control, 5, 0o600, true),
            (.control, 5, 0o660, false), (.control, 5, 0o602, false), (.control, 1000, 0o600, false),
            (.socket, 0, 0o660, true), (.socket, 1000, 0o600, true), (.socket, 5, 0o666, false),
        ])
    func fileModes(name: ListenerName, owner: UInt32, mode: UInt16, isTaken: Bool) {
        var wanted = SocketPlan.Wanted(
            name: name, address: .unix(path: "/run/x"), file: SocketPlan.File(inode: 1, owner: owner, mode: mode))
        let socket = passed(name.rawValue, wanted.address)
        #expect(plan([socket], [wanted]).adopted == (isTaken ? [name: 3] : [:]))
        wanted.file = nil
        #expect(fault(socket, [wanted]) == .tooOpen(name))
    }

    @Test("what was stored serves its listener again")
    func takesBack() throws {
        let plan = plan([
            passed("stored-http", http.address, descriptor: 3),
            passed("stored-control-7", .unix(path: "/run/edged.sock.1234/s"), descriptor: 4),
        ])
        #expect(plan.adopted == [.loopback: 3, .control: 4])
        #expect(plan.bound == [.socket, .lan])
        #expect(plan.removed.isEmpty)
    }

    @Test("what was stored and serves nobody any more is given up, and its listener bound anew")
    func givesUp() throws {
        let old = [
            passed("stored-http", .inet(host: "127.0.0.1", port: 9000)), passed("stored-http", .unix(path: "/x")),
            passed("stored-http", http.address, isListening: false),
            // Another file stands at the path.
            passed("stored-control-6", control.address), passed("stored-control", control.address),
            passed("stored", http.address), passed("stored-future", http.address),
        ]
        for socket in old {
            let plan = plan([socket])
            #expect(plan.removed == [socket])
            #expect(plan.bound == [.control, .loopback, .socket, .lan])
            try plan.check()
        }
        let gone = plan([passed("stored-http-lan", lan.address)], [control, http])
        #expect(gone.removed.count == 1)
    }

    @Test("a socket of a socket unit goes before the stored one of the same listener")
    func unitFirst() {
        let stored = passed("stored-http", http.address, descriptor: 3)
        let plan = plan([stored, passed("http", http.address, descriptor: 4)])
        #expect(plan.adopted == [.loopback: 4])
        #expect(plan.removed == [stored])
    }

    @Test("a refusal names what is passed and what is wanted")
    func text() {
        let plan = plan([
            passed("http", .inet(host: "::1", port: 9000)),
            passed("x", .unix(path: "/run/edged.sock"), isListening: false),
        ])
        #expect {
            try plan.check()
        } throws: { error in
            let text = "\((error as? EdgeError)?.detail ?? "")"
            return (error as? EdgeError)?.code == .socketUnfit
                && text.contains("[::1]:9000 as \"http\"") && text.contains("127.0.0.1:8080")
                && text.contains("/run/edged.sock as \"x\"")
        }
    }
}

@Suite("The name of a stored socket")
struct StoredNameTests {
    @Test("says whose it is and which file led to it, and is read back", arguments: ListenerName.allCases)
    func roundTrip(listener: ListenerName) {
        for name in [StoredName(listener), StoredName(listener, inode: 123)] {
            #expect(StoredName(name.text) == name)
            #expect(StoredName.isOne(name.text))
            #expect(!name.text.contains(":"), "systemd separates names by it")
        }
        #expect(!StoredName.isOne(listener.rawValue))
    }

    @Test(
        "is no other text", arguments: ["", "stored", "stored-", "stored-x", "stored-http-", "stored-http-x", "http"])
    func others(text: String) {
        #expect(StoredName(text) == nil)
    }
}
