import Testing

@testable import EdgeAPI

@Suite("Names of this machine")
struct LoopbackNameTests {
    @Test(
        "only an address of 127.0.0.0/8 is one, and no name that begins like it",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("128.0.0.1", false), ("127.0.0", false),
            ("127.0.0.1.evil.example", false), ("127.0.0.evil", false), ("", false), ("127.0.0.256", false),
        ])
    func addresses(text: String, isLoopback: Bool) {
        #expect(IPv4Text.isLoopback(text) == isLoopback)
    }
}
