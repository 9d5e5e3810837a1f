import COpenSSL
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Vault

@Suite("The device's own certificate")
struct DeviceCertificateTests {
    let parent: TemporaryDirectory
    let directory: String
    let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        parent = try TemporaryDirectory()
        directory = parent.path("tls")
    }

    private func open(
        names: [CertificateName] = [], days: Double = 0
    ) throws(EdgeError) -> DeviceCertificate {
        try DeviceCertificate.open(directory: directory, names: names, now: now.addingTimeInterval(days * 86_400))
    }

    private func certificate() throws -> Certificate {
        let bytes = try #require(FileManager.default.contents(atPath: directory + "/device.crt"))
        return try #require(try Certificate(pem: Array(bytes)))
    }

    private func key() throws -> Data {
        try #require(FileManager.default.contents(atPath: directory + "/device.key"))
    }

    @Test("is made at the first start, its key for this user alone, and stays at later starts")
    func made() throws {
        let first = try open()
        #expect(first.made == .first)
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: directory)) == ["device.crt", "device.key"])
        let modes = try ["", "/device.key", "/device.crt"].map { name in
            try FileManager.default.attributesOfItem(atPath: directory + name)[.posixPermissions] as? Int
        }
        #expect(modes == [0o700, 0o600, 0o644])
        let second = try open(days: 1)
        #expect(second.made == nil)
        #expect(second.fingerprint == first.fingerprint)
        #expect(second.certificateFile == first.certificateFile)
    }

    @Test("is one that a strict client accepts when it is given nothing else to trust")
    func verifies() throws {
        _ = try open(names: [.host("door.example"), .address("192.0.2.7")])
        let certificate = try certificate()
        let store = try #require(X509_STORE_new())
        defer { X509_STORE_free(store) }
        #expect(X509_STORE_add_cert(store, certificate.handle) == 1)
        let context = try #require(X509_STORE_CTX_new())
        defer { X509_STORE_CTX_free(context) }
        #expect(X509_STORE_CTX_init(context, store, certificate.handle, nil) == 1)
        let parameters = X509_STORE_CTX_get0_param(context)
        X509_VERIFY_PARAM_set_time(parameters, time_t(now.timeIntervalSince1970))
        X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER)
        X509_VERIFY_PARAM_set1_host(parameters, "door.example", 0)
        X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_X509_STRICT))
        let verified = X509_verify_cert(context)
        #expect(
            verified == 1, "\(String(cString: X509_verify_cert_error_string(Int(X509_STORE_CTX_get_error(context)))))")
        #expect(X509_check_purpose(certificate.handle, X509_PURPOSE_SSL_CLIENT, 0) == 0, "it is for servers only")
        #expect(X509_check_ca(certificate.handle) == 0, "nothing that it signs is to be trusted")
    }

    @Test("stands for the device itself and for the names that it is given, and for nothing else")
    func names() throws {
        _ = try open(names: [.host("door.example"), .address("192.0.2.7")])
        let certificate = try certificate()
        let covered: [CertificateName] = [
            .host("localhost"), .address("127.0.0.1"), .address("::1"), .host("door.example"), .address("192.0.2.7"),
        ]
        for name in covered + [CertificateName.hostName().flatMap(CertificateName.init)].compactMap({ $0 }) {
            #expect(certificate.covers(name), "\(name)")
        }
        for name: CertificateName in [.host("other.example"), .host("a.door.example"), .address("192.0.2.8")] {
            #expect(!certificate.covers(name), "\(name)")
        }
    }

    @Test("holds at most 825 days, from a day ago on, and its key is the one beside it")
    func facts() throws {
        let made = try open()
        let certificate = try certificate()
        let (start, end) = try (#require(certificate.start), #require(certificate.end))
        #expect(start == now.addingTimeInterval(-86_400))
        #expect(end == made.end)
        #expect(end.timeIntervalSince(start) <= 825 * 86_400)
        let key = try #require(try SigningKey(pem: Array(key())))
        #expect(certificate.belongs(to: key))
        #expect(try !certificate.belongs(to: SigningKey.make()))
    }

    @Test("is told by the SHA-256 of its DER, in upper-case pairs of digits with colons")
    func fingerprint() throws {
        let made = try open()
        #expect(made.fingerprint.wholeMatch(of: /(?:[0-9A-F]{2}:){31}[0-9A-F]{2}/) != nil)
        let text = String(decoding: try certificate().pem(), as: UTF8.self)
        let body = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let der = try #require(Data(base64Encoded: body))
        #expect(try CertificateFingerprint.text(ofDER: Array(der)) == made.fingerprint)
        #expect(
            try CertificateFingerprint.text(ofDER: Array("abc".utf8)).hasPrefix("BA:78:16:BF:8F:01:CF:EA"),
            "FIPS 180-4's example")
    }

    @Test("two devices have nothing in common but its form")
    func unique() throws {
        let first = try open()
        let other = try DeviceCertificate.open(directory: parent.path("other"), names: [], now: now)
        #expect(first.fingerprint != other.fingerprint)
        #expect(try key() != FileManager.default.contents(atPath: other.keyFile))
    }

    @Test("is renewed under the same key in its last 30 days, and not before")
    func renewed() throws {
        let first = try open()
        let before = try key()
        #expect(try open(days: 788).made == nil)
        let second = try open(days: 789)
        #expect(second.made == .time)
        #expect(second.fingerprint != first.fingerprint)
        #expect(try key() == before)
        #expect(second.end > first.end)
        #expect(try open(days: 789).made == nil)
    }

    @Test("is renewed when the clock was ahead at the first start")
    func clockWasAhead() throws {
        _ = try open(days: 10_000)
        #expect(try open().made == .time)
        #expect(try open().made == nil)
    }

    @Test("is renewed for a name that it lacks, whatever the spelling")
    func newName() throws {
        _ = try open()
        let before = try key()
        let name = try #require(CertificateName("Door.Example"))
        #expect(try open(names: [name]).made == .names)
        #expect(try certificate().covers(name))
        #expect(try key() == before)
        #expect(try open(names: [name]).made == nil)
        #expect(try open().made == nil, "a name more than wanted does no harm")
    }

    @Test(
        "gets a new key when the old one may be known to others or cannot be used",
        arguments: ["readable", "missing key", "damaged key", "damaged certificate", "somebody else's key"])
    func unusable(how: String) throws {
        let first = try open()
        let before = try key()
        switch how {
        case "readable": try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: first.keyFile)
        case "missing key": try FileManager.default.removeItem(atPath: first.keyFile)
        case "damaged key": try before.prefix(60).write(to: URL(filePath: first.keyFile))
        case "damaged certificate": try Data("nonsense".utf8).write(to: URL(filePath: first.certificateFile))
        default:
            let other = try DeviceCertificate.open(directory: parent.path("other"), names: [], now: now)
            try #require(FileManager.default.contents(atPath: other.keyFile)).write(to: URL(filePath: first.keyFile))
        }
        let second = try open()
        #expect(second.made == .unusable)
        #expect(second.fingerprint != first.fingerprint)
        #expect(try key() != before)
        #expect(
            try FileManager.default.attributesOfItem(atPath: first.keyFile)[.posixPermissions] as? Int == 0o600)
        #expect(try open().made == nil)
    }

    @Test("that the disk refuses is a named failure")
    func refused() throws {
        #expect {
            try DeviceCertificate.open(directory: parent.path("missing/tls"), names: [], now: now)
        } throws: { error in
            (error as? EdgeError)?.code == .tlsUnreadable
        }
    }
}

@Suite("Names of a certificate")
struct CertificateNameTests {
    @Test(
        "host names and addresses are told apart",
        arguments: [
            ("door.example", .host("door.example")), ("Door-7", .host("door-7")), ("10.0.0.1", .address("10.0.0.1")),
            ("fe80::1", .address("fe80::1")), ("3com.example", .host("3com.example")),
        ] as [(String, CertificateName)])
    func reads(text: String, name: CertificateName) { #expect(CertificateName(text) == name) }

    @Test(
        "what is neither is refused, so that nothing gets into a certificate that was not meant",
        arguments: [
            "", ".", "door.", "-door", "door-", "a..b", "*.example", "door.example:8443", "a,DNS:b", "@section",
            "1.2.3",
            "300.1.1.1", "fe80::1%eth0", "door_7", "dörr", "a b", String(repeating: "a", count: 64),
        ])
    func refuses(text: String) { #expect(CertificateName(text) == nil) }
}
