import AsyncHTTPClient
import EdgeCore
import Testing

@testable import Sync

@Suite("Webhook URLs")
struct WebhookTargetTests {
    @Test(
        "a plain URL is read and comes out in one spelling",
        arguments: [
            ("\(https)door.lan/hook", "\(https)door.lan/hook"), ("HTTP://Door.LAN:8080", "\(http)door.lan:8080/"),
            ("\(http)192.168.1.7", "\(http)192.168.1.7/"),
            ("\(https)192.168.1.7:443/a?b=c", "\(https)192.168.1.7/a?b=c"),
            ("\(http)[FD12:3456:0::9]:8123/x", "\(http)[fd12:3456::9]:8123/x"), ("\(http)door?x=1", "\(http)door/?x=1"),
            ("\(https)xn--tr-xka.lan/%7Euser", "\(https)xn--tr-xka.lan/%7Euser"),
            ("\(http)a_b-c.lan:65535/", "\(http)a_b-c.lan:65535/"),
            ("\(http)10.0.0.1.lan/", "\(http)10.0.0.1.lan/"), ("\(http)door.lan/a@b:c", "\(http)door.lan/a@b:c"),
            ("\(http)door.lan/?to=\(http)169.254.169.254/", "\(http)door.lan/?to=\(http)169.254.169.254/"),
        ])
    func plain(text: String, url: String) throws {
        let target = try WebhookTarget(text)
        #expect(target.url == url)
        #expect(try WebhookTarget(url) == target, "its own spelling says the same")
    }

    struct Hostile: Sendable {
        let url: String
        let why: AddressRefusal
        init(_ url: String, _ why: AddressRefusal) {
            self.url = url
            self.why = why
        }
    }

    static let wrongSpelling: [Hostile] = [
        // Loopback and the metadata service in numbers that the C library takes for addresses.
        Hostile("\(http)2130706433/", .numericHost), Hostile("\(http)0x7f000001/", .numericHost),
        Hostile("\(http)0X7F000001/", .numericHost), Hostile("\(http)017700000001/", .numericHost),
        Hostile("\(http)0177.0.0.1/", .numericHost), Hostile("\(http)127.1/", .numericHost),
        Hostile("\(http)127.0.1/", .numericHost), Hostile("\(http)127.0.0.01/", .numericHost),
        Hostile("\(http)0x7f.0.0.1/", .numericHost), Hostile("\(http)127.0.0.0x1/", .numericHost),
        Hostile("\(http)0/", .numericHost), Hostile("\(http)00000/", .numericHost),
        Hostile("\(http)2852039166/latest/meta-data/", .numericHost), Hostile("\(http)0xa9fea9fe/", .numericHost),
        Hostile("\(http)0251.0376.0251.0376/", .numericHost), Hostile("\(http)169.254.43518/", .numericHost),
        Hostile("\(http)127.0.0.1.1/", .numericHost), Hostile("\(http)256.256.256.256/", .numericHost),
        Hostile("\(http)192.168.1.0x7/", .numericHost), Hostile("\(http)192.168.263/", .numericHost),
        // Dots.
        Hostile("\(http)127.0.0.1./", .trailingDot), Hostile("\(http)localhost./", .trailingDot),
        Hostile("\(http)door.lan./", .trailingDot), Hostile("\(http)door..lan/", .hostSpelling),
        Hostile("\(http).door.lan/", .hostSpelling), Hostile("\(http)./", .trailingDot),
        // Credentials, and hosts that stand where others look for them.
        Hostile("\(http)user@192.168.1.7/", .credentials), Hostile("\(http)user:pass@192.168.1.7/", .credentials),
        Hostile("\(http)192.168.1.7@169.254.169.254/", .credentials), Hostile("\(http)@192.168.1.7/", .credentials),
        Hostile("\(http)192.168.1.7:80@169.254.169.254/", .credentials),
        Hostile("\(http)192.168.1.7%40169.254.169.254/", .hostSpelling),
        Hostile("\(http)192.168.1.7#@169.254.169.254/", .fragment), Hostile("\(http)192.168.1.7/#x", .fragment),
        Hostile("\(http)192.168.1.7\\@169.254.169.254/", .notAURL), Hostile("http:\\\\192.168.1.7/", .notAURL),
        Hostile("\(http)192.168.1.7\\.evil.example/", .notAURL),
        // Ports.
        Hostile("\(http)192.168.1.7:0/", .port), Hostile("\(http)192.168.1.7:65536/", .port),
        Hostile("\(http)192.168.1.7:/", .port), Hostile("\(http)192.168.1.7:080/", .port),
        Hostile("\(http)192.168.1.7:-1/", .port), Hostile("\(http)192.168.1.7:+80/", .port),
        Hostile("\(http)192.168.1.7:80:80/", .port), Hostile("\(http)192.168.1.7:8o/", .port),
        Hostile("\(http)192.168.1.7:99999999999999999999/", .port),
        // Schemes.
        Hostile("ftp://192.168.1.7/", .scheme), Hostile("file:///etc/passwd", .scheme),
        Hostile("gopher://192.168.1.7:25/_HELO", .scheme), Hostile("javascript:alert(1)", .scheme),
        Hostile("http+unix://%2Frun%2Fedged.sock/", .scheme), Hostile("unix:///run/edged/control.sock", .scheme),
        Hostile("//192.168.1.7/", .scheme), Hostile("192.168.1.7", .scheme), Hostile("", .scheme),
        Hostile("http:/192.168.1.7/", .notAURL), Hostile("http:192.168.1.7", .notAURL),
        Hostile(" \(http)192.168.1.7/", .notAURL),
        // Hosts that are none.
        Hostile("\(http)/", .emptyHost), Hostile("\(http):80/", .emptyHost), Hostile("\(http)?x", .emptyHost),
        Hostile("\(http)-door.lan/", .hostSpelling), Hostile("\(http)door-.lan/", .hostSpelling),
        Hostile("\(http)do%6fr.lan/", .hostSpelling), Hostile("\(http)door.lan,169.254.169.254/", .hostSpelling),
        Hostile("\(http)*.lan/", .hostSpelling), Hostile("\(http)dóor.lan/", .notAURL),
        Hostile("\(http)１２７.０.０.１/", .notAURL), Hostile("\(http)127。0。0。1/", .notAURL),
        Hostile("\(http)\(String(repeating: "a", count: 64)).lan/", .hostSpelling),
        Hostile("\(http)\(String(repeating: "a.", count: 127))lan/", .hostSpelling),
        // IPv6.
        Hostile("\(http)[::1", .hostSpelling), Hostile("\(http)[::1]x/", .hostSpelling),
        Hostile("\(http)[::1%25lo]/", .zone), Hostile("\(http)[fe80::1%25eth0]/", .zone),
        Hostile("\(http)[fd12:3456::1%1]/", .zone), Hostile("\(http)[127.0.0.1]/", .hostSpelling),
        Hostile("\(http)[]/", .hostSpelling), Hostile("\(http)[:::1]/", .hostSpelling),
        Hostile("\(http)[v1.x]/", .hostSpelling), Hostile("\(http)::1/", .emptyHost),
        Hostile("\(http)fd12:3456::1/", .port),
        // What would break the request's lines or its length.
        Hostile("\(http)192.168.1.7/\r\nHost: evil", .notAURL), Hostile("\(http)192.168.1.7/a b", .notAURL),
        Hostile("\(http)192.168.1.7\t/", .notAURL), Hostile("\(http)192.168.1.7/\u{0}", .notAURL),
        Hostile("\(http)192.168.1.7/%", .notAURL), Hostile("\(http)192.168.1.7/%zz", .notAURL),
        Hostile("\(http)192.168.1.7/\(String(repeating: "a", count: 2048))", .notAURL),
    ]

    static let wrongAddress: [Hostile] = [
        Hostile("\(http)127.0.0.1/", .loopback), Hostile("\(http)127.255.0.1:22/", .loopback),
        Hostile("\(http)[::1]/", .loopback), Hostile("\(http)[0:0:0:0:0:0:0:1]/", .loopback),
        Hostile("\(http)0.0.0.0/", .unspecified), Hostile("\(http)[::]/", .unspecified),
        Hostile("\(http)169.254.169.254/latest/meta-data/", .linkLocal), Hostile("\(http)[fe80::1]/", .linkLocal),
        Hostile("\(http)224.0.0.251:5353/", .multicast), Hostile("\(http)[ff02::1]/", .multicast),
        Hostile("\(http)255.255.255.255/", .broadcast), Hostile("\(http)192.168.1.255/", .broadcast),
        Hostile("\(http)[::ffff:127.0.0.1]/", .embedded), Hostile("\(http)[::ffff:7f00:1]/", .embedded),
        Hostile("\(http)[::ffff:192.168.1.7]/", .embedded), Hostile("\(http)[::127.0.0.1]/", .embedded),
        Hostile("\(http)[64:ff9b::127.0.0.1]/", .embedded), Hostile("\(http)[64:ff9b::a9fe:a9fe]/", .embedded),
        Hostile("\(http)[2002:7f00:1::]/", .embedded), Hostile("\(http)[2001:0:7f00:1::]/", .embedded),
        Hostile("\(http)10.0.0.1/", .notListed), Hostile("\(http)8.8.8.8/", .notListed),
        Hostile("\(https)100.64.0.1/", .notListed), Hostile("\(http)[2001:db8::1]/", .notListed),
        Hostile("\(http)192.168.2.7/", .notListed),
    ]

    @Test("a URL that programs may read in two ways is refused", arguments: wrongSpelling)
    func spelling(hostile: Hostile) {
        #expect(hostile.why.isInTheURL)
        #expect(throws: hostile.why) { try WebhookTarget(hostile.url) }
    }

    @Test("a URL with an address that is not to be called is refused by the rule", arguments: wrongAddress)
    func address(hostile: Hostile) throws {
        let rule = AddressRule(allowed: [try AddressBlock("192.168.1.0/24"), try AddressBlock("fd12:3456::/32")])
        guard case .address(let address) = try WebhookTarget(hostile.url).host else {
            Issue.record("\(hostile.url) was read as a name")
            return
        }
        #expect(rule.refusal(of: address) == hostile.why)
        #expect(!hostile.why.isInTheURL)
    }

    @Test("the HTTP client reads the host that was vetted out of the URL, and is told its address")
    func oneHost() throws {
        let address = try #require(IPAddress("192.168.1.7"))
        let call = try WebhookCall(try WebhookTarget("\(https)Door_1.lan:8443/a?b"), at: address)
        #expect(call.configuration.dnsOverride == ["door_1.lan": "192.168.1.7"])
        #expect(call.configuration.proxy == nil)
        let literal = try #require(IPAddress("fd12:3456::9"))
        #expect(
            try WebhookCall(try WebhookTarget("\(http)[fd12:3456::9]/"), at: literal).configuration.dnsOverride.isEmpty)
    }

    @Test("every refusal says what is wrong in a sentence of its own")
    func sentences() {
        #expect(Set(AddressRefusal.allCases.map(\.sentence)).count == AddressRefusal.allCases.count)
    }
}
