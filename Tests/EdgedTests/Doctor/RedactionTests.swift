import Testing

@testable import edged

@Suite("What leaves the machine in a support bundle")
struct RedactionTests {
    private let redaction = Redaction()

    @Test(
        "has no token, key or password",
        arguments: [
            "token sess_0123456789abcdef-XYZ", "frapi_0123456789abcdef", "whsec_ab/cd+CANARY/efghij==",
            "pkcs11:object=k?pin-value=CANARY", #"{"password":"ab\"CANARY"}"#, "postgresql://u:p@CANARY@db/fleet",
            "key CANARY" + String(repeating: "A", count: 37) + "=", "Authorization: Bearer abc.def-ghi_jkl=",
            "\(["ey", "JhbGciOiJIUzI1NiJ9"].joined()).e30x.c2lnbmF0dXJl", "api_secret = \"CANARY-1\"",
            "\"password\": \"CANARY-2\"",
            "PGPASSWORD=CANARY-3", "http://user:CANARY-4@127.0.0.1:3128/",
            ["-----BEGIN", "PRIVATE KEY-----\nCANARY\n-----END", "PRIVATE KEY-----"].joined(separator: " "),
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ])
    func secrets(text: String) {
        let left = redaction.text(text)
        #expect(left.contains(Redaction.mark))
        for secret in ["CANARY", "_0123", "abc.def", "c2lnbmF0dXJl", "0123456789abcdef0123"] {
            #expect(!left.contains(secret))
        }
    }

    @Test(
        "keeps what helps: codes, numbers, paths and cameras",
        arguments: [
            "error: The camera gives no picture. [capture.stream.stalled]", "/dev/v4l/by-id/usb-046d_0825-video-index0",
            "session 0F9A2C11-8B1D-4B0E-9D8A-1F2E3D4C5B6A ended", "MemTotal: 24000000 kB",
            "/sys/devices/pci0000-00/0000-00-14-0/usb1/1-1/1-1-2/1-1-2-4/1-1-2-4-1/video4linux/video0/name",
        ])
    func useful(text: String) { #expect(redaction.text(text) == text) }
}
