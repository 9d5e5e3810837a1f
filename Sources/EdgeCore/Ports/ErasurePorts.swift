public import FoundationEssentials

/// An erasure with its signed receipt.
public struct ErasureRecord: Sendable, Equatable {
    /// What the receipt says.
    public let receipt: ErasureReceipt
    /// The receipt as a signed note.
    public let note: String
    /// The second signed note; `nil` until the key is destroyed under which old copies could be opened.
    public let completion: String?
    /// When that key was destroyed.
    public let keyDestroyedAt: Date?

    /// Puts a record together.
    public init(receipt: ErasureReceipt, note: String, completion: String? = nil, keyDestroyedAt: Date? = nil) {
        self.receipt = receipt
        self.note = note
        self.completion = completion
        self.keyDestroyedAt = keyDestroyedAt
    }
}

/// Erases people and keeps the receipts, which name nobody and outlive the client.
///
/// `Store` provides it.
public protocol ErasureLedger: Sendable {
    /// Erases a person as ``PersonRepository/removePerson(_:of:)`` does, and tells the receipt.
    ///
    /// Throws `person.unknown`.
    func erasePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> ErasureRecord
    /// One page of a tenant's erasures, or with `nil` of all, newest first.
    func erasures(of client: ClientID?, page: PageRequest) async throws(EdgeError) -> PageOf<ErasureRecord>
    /// One erasure; `nil` when the tenant has none like it.
    func erasure(_ id: ErasureID, of client: ClientID?) async throws(EdgeError) -> ErasureRecord?
    /// The public key that receipts are checked with, as checkers of signed notes take it.
    func erasureVerifierKey() async throws(EdgeError) -> String
}
