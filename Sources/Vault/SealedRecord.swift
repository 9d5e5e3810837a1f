import EdgeCore
import FoundationEssentials

/// The byte layout of sealed records and wrapped keys, version 1.
///
/// A record: version, nonce (12), cipher text, tag (16). A wrapped key: version, id of the wrapping key (4), nonce
/// (12), 32 bytes of cipher text, tag (16). The version is part of what the tag covers, so it cannot be changed either.
enum SealedRecord {
    static let version: UInt8 = 1
    static let overhead = 1 + AESGCM.nonceLength + AESGCM.tagLength
    static let wrappedLength = 1 + 4 + AESGCM.nonceLength + AESGCM.keyLength + AESGCM.tagLength

    /// What a record is bound to, unambiguously: every field of changing length has its length before it.
    static func binding(to context: SealContext) -> [UInt8] {
        var bytes = [UInt8]("edged.record".utf8)
        bytes.reserveCapacity(96)
        bytes.append(version)
        append(context.kind, to: &bytes)
        append(context.client.rawValue, to: &bytes)
        append(context.row, to: &bytes)
        append(UInt64(bitPattern: Int64(context.version)), to: &bytes)
        return bytes
    }

    /// What a wrapped key is bound to.
    static func wrapBinding(keyID: UInt32) -> [UInt8] {
        var bytes = [UInt8]("edged.subject-key".utf8)
        bytes.append(version)
        append(keyID, to: &bytes)
        return bytes
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(UInt32(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    private static func append(_ uuid: UUID, to bytes: inout [UInt8]) {
        let u = uuid.uuid
        bytes += [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
    }

    static func append<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value, to bytes: inout [UInt8]) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
        }
    }
}
