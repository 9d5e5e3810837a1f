import EdgeCore
import Testing

@testable import Vault

/// Answers that others published, so that a mistake of ours cannot agree with itself.
@Suite("Known answers")
struct KnownAnswerTests {
    struct SealedVector: Sendable {
        let key: String
        let nonce: String
        let plain: String
        let aad: String
        let sealed: String
    }

    @Test(
        "AES-256-GCM gives the cipher texts and tags of the GCM specification (test cases 13, 14, 16)",
        arguments: [
            SealedVector(
                key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12), plain: "", aad: "",
                sealed: "530f8afbc74536b9a963b4f1c4cb738b"),
            SealedVector(
                key: String(repeating: "00", count: 32), nonce: String(repeating: "00", count: 12),
                plain: String(repeating: "00", count: 16), aad: "",
                sealed: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
            SealedVector(
                key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
                nonce: "cafebabefacedbaddecaf888",
                plain: "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
                    + "2fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                sealed: "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d"
                    + "a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"),
        ])
    func aesGCM(vector: SealedVector) throws {
        let aead = try AESGCM()
        let key = SecretBytes(copying: bytes(vector.key)[...])
        let nonce = bytes(vector.nonce)
        let plain = bytes(vector.plain)
        let sealed = try plain.withUnsafeBytes { plain in
            try aead.seal(plain, key: key, nonce: nonce, bindingTo: bytes(vector.aad), after: [])
        }
        #expect(sealed == nonce + bytes(vector.sealed))
        #expect(try aead.open(sealed, headLength: 0, key: key, bindingTo: bytes(vector.aad)) == plain)
    }

    struct DerivedVector: Sendable {
        let secret: [UInt8]
        let salt: [UInt8]
        let info: [UInt8]
        let key: String
    }

    @Test(
        "HKDF-SHA-256 gives the keys of RFC 5869 (test cases 1 to 3)",
        arguments: [
            DerivedVector(
                secret: [UInt8](repeating: 0x0b, count: 22), salt: Array(0x00...0x0c), info: Array(0xf0...0xf9),
                key: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"),
            DerivedVector(
                secret: Array(0x00...0x4f), salt: Array(0x60...0xaf), info: Array(0xb0...0xff),
                key: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
                    + "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"),
            DerivedVector(
                secret: [UInt8](repeating: 0x0b, count: 22), salt: [], info: [],
                key: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"),
        ])
    func hkdf(vector: DerivedVector) throws {
        let expected = bytes(vector.key)
        let derived = try HKDFSHA256.derive(
            from: SecretBytes(copying: vector.secret[...]), salt: vector.salt, info: vector.info,
            length: expected.count)
        #expect(derived.copy() == expected)
    }

    @Test(
        "HMAC-SHA-256 gives the codes of RFC 4231 (test cases 1, 2, 6)",
        arguments: [
            (
                [UInt8](repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func hmac(key: [UInt8], message: String, code: String) throws {
        let made = try HMACSHA256.code(of: Array(message.utf8), key: SecretBytes(copying: key[...]))
        #expect(made == bytes(code))
    }

    @Test(
        "url-safe base64 is RFC 4648's, without padding",
        arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("foobar", "Zm9vYmFy")])
    func base64(plain: String, text: String) {
        #expect(urlSafeBase64(Array(plain.utf8)) == text)
    }

    @Test("url-safe base64 uses - and _ for the last two values")
    func base64Alphabet() { #expect(urlSafeBase64([0xfb, 0xff, 0xbf]) == "-_-_") }
}

/// The bytes of a text of hexadecimal digits.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
