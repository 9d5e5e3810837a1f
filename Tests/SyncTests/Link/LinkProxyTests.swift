import AsyncHTTPClient
import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing

@testable import Sync

@Suite("The proxy before central")
struct LinkProxyTests {
    @Test(
        "is http:// with host and port, and nothing beside",
        arguments: [
            ("http:" + "//proxy.example:3128", true), ("http:" + "//10.0.0.1:80/", true),
            ("http:" + "//[::1]:80", true),
            ("http:" + "//proxy.example", false), ("https://proxy.example:3128", false), ("socks5://proxy:1", false),
            ("http:" + "//me:secret@proxy.example:3128", false), ("http:" + "//proxy.example:3128/way", false),
            ("http:" + "//proxy.example:0", false), ("http:" + "//proxy.example:3128?a", false), ("proxy:3128", false),
        ])
    func address(text: String, isOne: Bool) { #expect((LinkProxy(text) != nil) == isOne) }

    @Test(
        "is not taken to a central that is excepted",
        arguments: [
            ("central.example", "central.example", true), ("central.example", "CENTRAL.example", true),
            ("central.example", "a.central.example", false), (".example", "a.central.example", true),
            (".example", "example", true), (".example", "anexample", false), ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.9.8.7", false), ("10.0.0.0/8", "ten.example", false), ("10.1.2.3", "10.1.2.3", true),
            ("fd00::/8", "[fd12::1]", true), ("0.0.0.0/0", "10.1.2.3", true),
        ])
    func exceptions(text: String, host: String, isExcepted: Bool) throws {
        let exception = try #require(ProxyException(text))
        var proxy = try #require(LinkProxy("http:" + "//proxy.example:3128"))
        proxy.exceptions = [exception]
        let central = try #require(URL(string: "https://\(host):8443"))
        #expect(proxy.leads(to: central) == !isExcepted)
        #expect(ProxyException(exception.text) == exception)
    }

    @Test(
        "an exception that is none is refused",
        arguments: ["", ".", "*", "a..b", "10.1.2.3/8", "10.0.0.0/33", "10.0.0", "a b", "https:" + "//a", "a:1"])
    func noException(text: String) { #expect(ProxyException(text) == nil) }

    @Test("nothing in plain text goes through it")
    func plainText() throws {
        let proxy = try #require(LinkProxy("http:" + "//proxy.example:3128"))
        #expect(!proxy.leads(to: try #require(URL(string: "http:" + "//127.0.0.1:8080"))))
    }

    @Test("an address that the HTTP library would write wrongly is refused")
    func version6() throws {
        var options = LinkOptions()
        options.proxy = LinkProxy("http:" + "//proxy.example:3128")
        let error = #expect(throws: EdgeError.self) {
            try LinkWay(url: "https://[fd00::1]:8443", pinnedRoots: nil, options: options)
        }
        #expect(error?.code == .configurationInvalid)
    }

    @Test("credentials come from a file that is its owner's alone, and no error quotes them")
    func credentials() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("proxy.secret")
        var proxy = try #require(LinkProxy("http:" + "//proxy.example:3128"))
        #expect(try proxy.authorization() == nil)
        proxy.credentialsFile = path
        func put(_ text: String, mode: Int = 0o600) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }
        #expect(throws: EdgeError.self) { try proxy.authorization() }
        try put("door:canary:7\n")
        #expect(try proxy.authorization() == .basic(username: "door", password: "canary:7"))
        for (text, mode) in [
            ("canary", 0o600), (":canary", 0o600), ("a:canary\nb", 0o600), ("", 0o600), ("a:canary", 0o640),
            ("a:canary", 0o604), (String(repeating: "a:canary", count: 1000), 0o600),
        ] {
            try put(text, mode: mode)
            let error = #expect(throws: EdgeError.self) { try proxy.authorization() }
            #expect(error?.code == .proxyCredentials && "\(String(describing: error))".contains("canary") == false)
        }
    }

    @Test("each failure of it has a name of its own")
    func blame() {
        var through = LinkWay.Ingredients()
        through.usesProxy = true
        func code(_ error: any Error) -> ErrorCode { WayBlame(error, ingredients: through).fault.code }
        #expect(code(HTTPClientError.proxyAuthenticationRequired) == .proxyCredentials)
        #expect(code(HTTPClientError.invalidProxyResponse) == .proxyRefused)
        #expect(code(HTTPClientError.httpProxyHandshakeTimeout) == .proxyUnreachable)
        #expect(code(HTTPClientError.connectTimeout) == .proxyUnreachable)
        #expect(code(HTTPClientError.remoteConnectionClosed) == .centralUnreachable)
        #expect(code(HTTPClientError.deadlineExceeded) == .centralUnreachable)
        #expect(
            WayBlame(HTTPClientError.connectTimeout, ingredients: LinkWay.Ingredients()).fault == .central)
    }
}
