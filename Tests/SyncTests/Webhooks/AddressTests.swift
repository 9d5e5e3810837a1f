import EdgeCore
import Testing

@testable import Sync

@Suite("Webhook addresses")
struct AddressTests {
    @Test(
        "an address has one spelling, and comes out in the canonical one",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("192.168.1.255", "192.168.1.255"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("FD12:0:0:1::7", "fd12:0:0:1::7"), ("fe80:0:0:0:0:0:0:1", "fe80::1"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("::ffff:10.0.0.1", "::ffff:a00:1"), ("64:ff9b::192.168.1.1", "64:ff9b::c0a8:101"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
            ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
        ])
    func canonical(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }

    @Test(
        "nothing else is an address",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "01.2.3.4", "0x7f.0.0.1", "1.2.3.-4", "+1.2.3.4",
            "1.2.3.4 ",
            "1..2.3", ":", ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1::2", "1::2:", "12345::", "g::",
            "fe80::1%eth0",
            "[::1]", "::1/128", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7::8", "::1.2.3.256", "١.2.3.4",
        ])
    func noAddress(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("a block contains what begins with its prefix")
    func blocks() throws {
        let lan = try AddressBlock("192.168.1.0/24")
        #expect(lan.contains(try address("192.168.1.0")))
        #expect(lan.contains(try address("192.168.1.255")))
        #expect(!lan.contains(try address("192.168.2.0")))
        #expect(!lan.contains(try address("::ffff:192.168.1.1")))
        #expect(try AddressBlock("fd00::/8").contains(try address("fdff::1")))
        #expect(try !AddressBlock("fd00::/8").contains(try address("fc00::1")))
        #expect(try AddressBlock("10.0.0.7").contains(try address("10.0.0.7")))
        #expect(try !AddressBlock("10.0.0.7").contains(try address("10.0.0.6")))
    }

    @Test(
        "a block that is none, or is wider than a LAN, or can never be called is a configuration error that says why",
        arguments: [
            ("", "is no address block"), ("lan", "is no address block"),
            ("192.168.1.0/", "needs a number from 0 to 32"),
            ("192.168.1.0/33", "needs a number from 0 to 32"), ("192.168.1.0/+8", "needs a number from 0 to 32"),
            ("fd00::/129", "needs a number from 0 to 128"), ("192.168.1.7/24", "write 192.168.1.0/24"),
            ("fd00::1/64", "write fd00::/64"), ("0.0.0.0/0", "wider than a LAN"), ("8.0.0.0/7", "wider than a LAN"),
            ("::/0", "wider than a LAN"), ("2000::/3", "wider than a LAN"), ("169.254.0.0/16", "link-local"),
            ("169.254.169.254", "link-local"), ("224.0.0.0/24", "multicast"), ("255.255.255.255", "broadcast"),
            ("0.0.0.0", "stands for no host"), ("fe80::/64", "link-local"), ("ff02::/32", "multicast"),
            ("::ffff:192.168.1.0/120", "hides another"), ("64:ff9b::/96", "hides another"),
            ("2002:c0a8::/32", "hides another"),
        ])
    func wrongBlocks(text: String, why: String) {
        let error = #expect(throws: EdgeError.self) { try AddressBlock(text) }
        #expect(error?.code == .configurationInvalid)
        #expect(error?.detail.contains(why) == true, "\(error?.detail ?? "")")
    }

    @Test(
        "what is in the list may be called",
        arguments: ["192.168.1.1", "192.168.1.254", "10.0.0.7", "127.0.0.1", "127.9.9.9", "::1", "fd12:3456::9"])
    func listed(text: String) throws {
        let rule = try rule("192.168.1.0/24", "10.0.0.7", "127.0.0.0/8", "::1", "fd12:3456::/32")
        #expect(rule.refusal(of: try address(text)) == nil)
    }

    @Test(
        "some addresses are refused whatever the list says",
        arguments: [
            ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified), ("::", .unspecified), ("169.254.169.254", .linkLocal),
            ("fe80::1", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .linkLocal), ("224.0.0.1", .multicast),
            ("239.255.255.250", .multicast), ("ff02::1", .multicast), ("240.0.0.1", .reserved),
            ("255.255.255.255", .broadcast), ("10.255.255.255", .broadcast), ("::ffff:10.0.0.1", .embedded),
            ("::ffff:127.0.0.1", .embedded), ("::ffff:0:10.0.0.1", .embedded), ("::10.0.0.1", .embedded),
            ("::127.0.0.1", .embedded), ("64:ff9b::10.0.0.1", .embedded), ("64:ff9b:1::10.0.0.1", .embedded),
            ("2002:a00:1::1", .embedded), ("2002:7f00:1::", .embedded), ("2001:0:a00:1::1", .embedded),
            ("fd12:3456::5efe:10.0.0.1", .embedded), ("fd12:3456::200:5efe:10.0.0.1", .embedded),
            ("127.0.0.1", .loopback), ("::1", .loopback), ("11.0.0.1", .notListed), ("192.168.1.1", .notListed),
            ("8.8.8.8", .notListed), ("2001:db8::1", .notListed), ("fd00::1", .notListed),
        ] as [(String, AddressRefusal)])
    func refused(text: String, why: AddressRefusal) throws {
        #expect(try rule("10.0.0.0/8", "fd12:3456::/32").refusal(of: try address(text)) == why)
    }

    @Test("a block wide enough to cover them opens neither loopback nor the metadata service")
    func wideBlocks() throws {
        let rule = AddressRule(allowed: [AddressBlock(v4: 0, 0), AddressBlock(v6: 0, 0)])
        for text in ["127.0.0.1", "::1", "169.254.169.254", "0.0.0.0", "fe80::1", "::ffff:127.0.0.1"] {
            #expect(rule.refusal(of: try address(text)) != nil, "\(text)")
        }
        #expect(rule.refusal(of: try address("192.168.1.1")) == nil)
    }

    @Test("an empty list allows nothing")
    func emptyList() throws {
        #expect(AddressRule(allowed: []).refusal(of: try address("192.168.1.1")) == .notListed)
    }

    @Test("the last address of a block may be called only where a narrower block lists it")
    func broadcast() throws {
        #expect(try rule("192.168.1.0/24").refusal(of: address("192.168.1.255")) == .broadcast)
        #expect(try rule("192.168.1.0/24", "192.168.0.0/22").refusal(of: address("192.168.1.255")) == nil)
        #expect(try rule("192.168.1.255").refusal(of: address("192.168.1.255")) == nil)
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test("this machine's own addresses are called only where they are listed one by one")
    func ownAddresses() throws {
        let own = try address("192.168.1.50")
        var rule = try rule("192.168.1.0/24")
        rule.ownAddresses = { [own] }
        #expect(rule.refusal(of: own) == .loopback)
        #expect(rule.refusal(of: try address("192.168.1.51")) == nil)
        var listed = try self.rule("192.168.1.0/24", "192.168.1.50")
        listed.ownAddresses = { [own] }
        #expect(listed.refusal(of: own) == nil)
        #expect(HostLookup.ownAddresses().contains(try address("127.0.0.1")))
    }

    private func rule(_ blocks: String...) throws -> AddressRule {
        AddressRule(allowed: try blocks.map { try AddressBlock($0) })
    }
}
