import FoundationEssentials

/// A text with an Ed25519 signature under it, in the form of C2SP's signed note.
///
/// Anybody can check it with the public key alone. The name of a key has no blank, plus sign or line break.
public enum SignedNote {
    /// More is read by nobody.
    private static let limit = 1 << 20
    private static let ed25519: UInt8 = 1
    private static let mark = Array("\u{2014} ".utf8)
    private static let lineBreak = UInt8(ascii: "\n")

    /// `text` with its signature; `text` ends with a line break and has no other control characters.
    public static func sign(_ text: String, as name: String, _ signer: any Signer) throws(EdgeError) -> String {
        guard isText(Array(text.utf8)), isName(name) else {
            throw EdgeError(.internalFault, "A note cannot be signed.")
        }
        let id = try keyID(name, signer.publicKey, signer)
        let signature = try signer.sign(Array(text.utf8))
        return "\(text)\n\u{2014} \(name) \(Data(id + signature).base64EncodedString())\n"
    }

    /// The text of a note that bears a right signature of this key; `nil` for every other one.
    ///
    /// Signatures of other keys stand beside it and are not looked at.
    public static func open(
        _ note: String, signedAs name: String, publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> String? {
        let bytes = Array(note.utf8)
        guard bytes.count <= limit, bytes.last == lineBreak, let end = endOfText(bytes) else { return nil }
        let text = Array(bytes[..<end])
        guard isText(text), isName(name) else { return nil }
        let id = try keyID(name, publicKey, checker)
        let start = mark + Array("\(name) ".utf8)
        let lines = bytes[(end + 1)...].dropLast().split(separator: lineBreak, omittingEmptySubsequences: false)
        guard lines.allSatisfy({ $0.starts(with: mark) }) else { return nil }
        for line in lines where line.starts(with: start) {
            guard let found = base64(line.dropFirst(start.count)), found.starts(with: id) else { continue }
            if checker.verify(Array(found.dropFirst(id.count)), of: text, publicKey: publicKey) {
                return String(decoding: text, as: UTF8.self)
            }
        }
        return nil
    }

    /// The public key as checkers of notes take it.
    public static func verifierKey(
        _ name: String, publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> String {
        let digits = try keyID(name, publicKey, checker).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return "\(name)+\(digits)+\(Data([ed25519] + publicKey).base64EncodedString())"
    }

    private static func keyID(
        _ name: String, _ publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> [UInt8] {
        Array(try checker.sha256(Array(name.utf8) + [lineBreak, ed25519] + publicKey).prefix(4))
    }

    /// Behind the text's last line break; the blank line that follows parts it from the signatures.
    private static func endOfText(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 2 else { return nil }
        return stride(from: bytes.count - 2, to: 0, by: -1).first {
            bytes[$0] == lineBreak && bytes[$0 - 1] == lineBreak
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.last == lineBreak && bytes.allSatisfy { $0 >= 0x20 || $0 == lineBreak }
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "+") }
    }

    /// Reads base64 in its one exact spelling.
    static func base64(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let text = String(decoding: Array(text), as: UTF8.self)
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return Array(data)
    }
}
