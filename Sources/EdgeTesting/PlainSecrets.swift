public import EdgeCore
import Synchronization

/// Makes texts that are different each time and digests that are not secret; for tests of other rooms only.
public final class PlainSecrets: SecretKeeper {
    private let count = Atomic<UInt64>(0)

    /// Starts counting.
    public init() {}

    /// A text as long as the real one, with a running number.
    public func randomText(bytes: Int) throws(EdgeError) -> String {
        let number = String(count.add(1, ordering: .relaxed).newValue)
        let length = (bytes * 8 + 5) / 6
        return String(repeating: "a", count: max(length - number.count, 0)) + number
    }

    /// The bytes of both texts.
    public func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8] {
        Array("\(purpose)/\(secret)".utf8)
    }

    /// The bytes of both.
    public func digest(_ message: [UInt8], purpose: String) throws(EdgeError) -> [UInt8] {
        Array("\(purpose)/".utf8) + message
    }

    /// Plain comparison.
    public func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { left == right }

    /// The purpose, 32 bytes of it.
    public func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]> {
        Redacted(Array((Array(purpose.utf8) + [UInt8](repeating: 0, count: 32)).prefix(32)))
    }
}
