public import FoundationEssentials

/// The second part of a receipt: that the key is gone under which old copies of the erased could be opened.
public struct ErasureCompletion: Sendable, Equatable {
    /// Names the receipt.
    public var id: ErasureID
    /// The device's 16 bytes.
    public var device: [UInt8]
    /// SHA-256 of the receipt's note, so that it cannot stand under another one.
    public var receiptDigest: [UInt8]
    /// When the key was destroyed; after a power cut at that moment when it was found destroyed.
    public var keyDestroyedAt: Date
    /// The line of the audit trail that tells of the exchange of the keys.
    public var auditLine: Int64

    /// Puts a completion together.
    public init(
        id: ErasureID, device: [UInt8], receiptDigest: [UInt8], keyDestroyedAt: Date, auditLine: Int64
    ) {
        self.id = id
        self.device = device
        self.receiptDigest = receiptDigest
        self.keyDestroyedAt = keyDestroyedAt
        self.auditLine = auditLine
    }

    /// The completion as a signed note.
    public func signed(by signer: any Signer) throws(EdgeError) -> String {
        try SignedNote.sign(form.text, as: ErasureReceipt.signer(device: device), signer)
    }

    /// The completion of `receipt` in a note that this key signed; `nil` for anything else, one of another receipt too.
    public static func open(
        _ note: String, of receipt: String, publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> ErasureCompletion? {
        guard let claimed = ErasureCompletion(NoteForm(note, title: title)),
            let whole = try ErasureReceipt.open(receipt, publicKey: publicKey, checker),
            whole.id == claimed.id, whole.device == claimed.device,
            try checker.sha256(Array(receipt.utf8)) == claimed.receiptDigest
        else { return nil }
        let name = ErasureReceipt.signer(device: claimed.device)
        let text = try SignedNote.open(note, signedAs: name, publicKey: publicKey, checker)
        return text == claimed.form.text ? claimed : nil
    }

    static let title = "edged erasure completion"

    private var form: NoteForm {
        NoteForm(
            title: Self.title,
            fields: [
                ("version", "1"), ("receipt", id.description), ("device", hexadecimal(device)),
                ("receipt_sha256", hexadecimal(receiptDigest)), ("key_destroyed_at", NoteForm.text(keyDestroyedAt)),
                ("audit_line", "\(auditLine)"),
            ])
    }

    private init?(_ form: NoteForm?) {
        guard let form, form["version"] == "1", let id = form["receipt"].flatMap({ ErasureID($0) }),
            let device = form.bytes("device"), let digest = form.bytes("receipt_sha256"),
            let moment = form.date("key_destroyed_at"), let line = form["audit_line"].flatMap({ Int64($0) })
        else { return nil }
        self.init(id: id, device: device, receiptDigest: digest, keyDestroyedAt: moment, auditLine: line)
    }
}

/// A receipt as it is handed out: one file with the receipt and, once there is one, its completion.
public enum ErasureFile {
    /// Both notes in one text.
    public static func text(_ receipt: String, _ completion: String?) -> String {
        completion.map { "\(receipt)\n\($0)" } ?? receipt
    }

    /// The notes of such a text; nothing is checked.
    public static func parts(_ text: String) -> (receipt: String, completion: String?) {
        guard let seam = text.firstRange(of: "\n\n\(ErasureCompletion.title)\n") else { return (text, nil) }
        let end = text.index(after: seam.lowerBound)
        return (String(text[..<end]), String(text[text.index(after: end)...]))
    }
}
