import EdgeCore

/// The two long-lived keys of a device.
///
/// The key-encryption key wraps subject keys and can be exchanged for another (its id tells which one wrapped a
/// key). The root key stands behind digests and derived keys, which could not be made again after an exchange.
struct DeviceKeys {
    let id: UInt32
    let keyEncryptionKey: SecretBytes
    let rootKey: SecretBytes
    /// Whether the key-encryption key lies in the ring; the one here is of no use then.
    let needsRing: Bool
}

/// The layout of the key file, versions 1 and 2.
///
/// `EDGEDKEY`, version, three zero bytes, key id (big endian), key-encryption key, root key, and a check value that
/// tells a damaged file from a wrong one: HMAC-SHA-256 under the root key over all that stands before, cut to 16 bytes.
/// Version 2 has zeros for the key id and the key-encryption key, which then lies in the key ring.
enum KeyFile {
    static let length = 96
    private static let magic = Array("EDGEDKEY".utf8)
    private static let version: UInt8 = 1
    private static let versionWithRing: UInt8 = 2
    private static let keyStart = 16
    private static let rootStart = 48
    private static let checkStart = 80

    /// Fresh keys in the file's layout.
    ///
    /// The caller wipes the result.
    static func make() throws(EdgeError) -> [UInt8] {
        var bytes = try magic + [version, 0, 0, 0] + RandomBytes.array(4)
        // Filled to its full length in one allocation, so that no half-filled copy is left behind unwiped.
        bytes.reserveCapacity(length)
        for _ in 0..<2 {
            var key = try SecretBytes.random(count: AESGCM.keyLength).copy()
            bytes += key
            wipe(&key)
        }
        bytes += try check(of: bytes)
        return bytes
    }

    /// Reads the layout.
    static func parse(_ bytes: [UInt8]) throws(EdgeError) -> DeviceKeys {
        guard bytes.count == length, bytes.starts(with: magic) else {
            throw EdgeError(.keyUnavailable, "The key file is not one of edged's: it is \(bytes.count) bytes long.")
        }
        guard [version, versionWithRing].contains(bytes[8]) else {
            throw EdgeError(
                .keyUnavailable, "The key file has format \(bytes[8]); this version reads up to \(versionWithRing).")
        }
        var head = Array(bytes[..<checkStart])
        defer { wipe(&head) }
        let expected = try check(of: head)
        guard equalInConstantTime(Array(bytes[checkStart...]), expected) else {
            throw EdgeError(.keyUnavailable, "The key file is damaged.")
        }
        return DeviceKeys(
            id: bytes[12..<keyStart].reduce(0) { $0 << 8 | UInt32($1) },
            keyEncryptionKey: secret(bytes, keyStart..<rootStart), rootKey: secret(bytes, rootStart..<checkStart),
            needsRing: bytes[8] == versionWithRing)
    }

    /// The same file in version 2.
    ///
    /// The caller wipes the result.
    static func withoutKeyEncryptionKey(_ bytes: [UInt8]) throws(EdgeError) -> [UInt8] {
        var new = Array(bytes[..<checkStart])
        new.reserveCapacity(length)
        new[8] = versionWithRing
        for position in 12..<rootStart { new[position] = 0 }
        new += try check(of: new)
        return new
    }

    private static func secret(_ bytes: [UInt8], _ range: Range<Int>) -> SecretBytes {
        let secret = SecretBytes(copying: bytes[range])
        secret.lockInMemory()
        return secret
    }

    private static func check(of head: [UInt8]) throws(EdgeError) -> [UInt8] {
        let root = secret(head, rootStart..<checkStart)
        return try Array(HMACSHA256.code(of: head, key: root).prefix(16))
    }
}
