/// Reads an export record by record and holds it against the checkpoints in it; needs the device's public key and no more.
///
/// It keeps one line and the edge of one tree, however long the export is.
public struct AuditExportCheck: Sendable {
    /// Lines of one epoch, or of an earlier version.
    public struct Stretch: Sendable, Equatable {
        /// The name of the epoch's trail; `nil` for lines that no checkpoint covers.
        public let origin: String?
        /// The first of the lines.
        public let first: Int64
        /// The last of the lines.
        public internal(set) var last: Int64
        /// The size of the checkpoint that they were proven by; `nil` when they are not proven.
        public internal(set) var checkpoint: Int64?
    }

    /// More faults than these are not told apart.
    private static let faultLimit = 100
    /// The numbers that a line can have; sums of them never overflow.
    private static let numbers: Range<Int64> = 1..<(1 << 53)

    /// What the file says of itself; `nil` before it did.
    public private(set) var header: AuditExport.Header?
    /// How many lines there were so far.
    public private(set) var lines: Int64 = 0
    /// How many of them were proven.
    public private(set) var proven: Int64 = 0
    /// What they belong to.
    public private(set) var stretches: [Stretch] = []
    /// What is not as it was signed; empty when all is.
    public private(set) var faults: [String] = []
    private let givenKey: [UInt8]?
    /// What the lines are by a seal key; `nil` when none was given.
    public private(set) var tail: AuditTailCheck?
    private let checker: any ProofChecker & MessageAuthenticator
    private var edge = MerkleEdge()
    private var previous: AuditTrailLine?
    private var isOpen = false
    private var isAtEnd = false

    /// Without a key the one in the file is taken, and then nobody knows whose it is.
    ///
    /// With a generation's first key the lines are also held against their seals.
    public init(
        publicKey: [UInt8]?, sealKey: AuditTailKey? = nil, _ checker: any ProofChecker & MessageAuthenticator
    ) {
        givenKey = publicKey
        self.checker = checker
        tail = sealKey.map { AuditTailCheck($0, checker) }
    }

    /// Whether it is known whose signatures they are.
    public var isKeyGiven: Bool { givenKey != nil }

    /// Whether every line of a whole file was signed by the owner of the key that was given.
    public var isProven: Bool { isKeyGiven && faults.isEmpty && isAtEnd && proven == lines && tail?.holds ?? true }

    /// Takes the next record; `nil` stands for a line that is none.
    public mutating func take(_ record: AuditExport.Record?) throws(EdgeError) {
        guard !isAtEnd else { return fault("something follows the end") }
        guard let record else { return fault("after line \(next - 1): a record that cannot be read") }
        guard header != nil else {
            guard case .header(let header) = record else { return fault("the header is missing") }
            return take(header)
        }
        switch record {
        case .header: fault("a second header")
        case .part(let part): take(part)
        case .line(let line): try take(line)
        case .proof(let proof): try take(proof)
        case .end(let end): try take(end)
        }
    }

    /// Says that the file ends here.
    public mutating func finish() {
        if !isAtEnd { fault("the end is missing: the file was cut off after line \(next - 1)") }
    }

    private var next: Int64 { (header?.first ?? 1) + lines }

    private mutating func fault(_ text: String) {
        if faults.count < Self.faultLimit { faults.append(text) }
    }

    private mutating func take(_ header: AuditExport.Header) {
        guard Self.numbers.contains(header.first), (header.first - 1..<Self.numbers.upperBound).contains(header.last)
        else { return fault("the header has numbers that no line has") }
        self.header = header
        if header.format != AuditExport.format || header.version != AuditExport.version {
            fault("this is no export of a known version")
        }
        if let givenKey, givenKey != Array(header.publicKey) { fault("the file names another public key") }
    }

    private mutating func take(_ part: AuditExport.Part) {
        closeStretch()
        stretches.append(Stretch(origin: part.origin, first: next, last: next - 1))
        isOpen = true
        edge = MerkleEdge()
        guard let origin = part.origin else { return }
        guard let known = MerkleEdge(bytes: Array(part.edge)), Self.numbers.contains(part.firstSequence),
            known.size < Self.numbers.upperBound, part.firstSequence + known.size == next
        else {
            return fault("before line \(next): the edge of the tree does not fit")
        }
        if header.map({ !origin.hasPrefix("edged/\($0.device)/") }) ?? true {
            fault("before line \(next): another device's lines")
        }
        edge = known
    }

    private mutating func take(_ line: AuditTrailLine) throws(EdgeError) {
        guard isOpen, let place = stretches.indices.last else {
            return fault("line \(line.sequence) stands in no part")
        }
        if line.sequence != next { fault("line \(line.sequence) stands where line \(next) is expected") }
        if let previous, previous.hash != line.previousHash {
            fault("line \(line.sequence) does not follow the line before it")
        }
        if (line.clockQuality == nil) != (stretches[place].origin == nil) {
            fault("line \(line.sequence) has the form of another version")
        }
        if stretches[place].origin != nil {
            let hash = MerkleHash(checker)
            try edge.append(hash.leaf(line.canonical.utf8), hash)
        }
        if let text = try tail?.take(line) { fault(text) }
        previous = line
        lines += 1
        stretches[place].last = next - 1
    }

    private mutating func take(_ proof: AuditExport.Proof) throws(EdgeError) {
        guard isOpen, let place = stretches.indices.last, let origin = stretches[place].origin, let header else {
            return fault("after line \(next - 1): a proof of nothing")
        }
        isOpen = false
        let stretch = stretches[place]
        let opened = try AuditCheckpoint.open(
            proof.checkpoint, of: origin, publicKey: givenKey ?? Array(header.publicKey), checker)
        guard let opened else {
            return fault("lines \(stretch.first) to \(stretch.last): the checkpoint is not signed with this key")
        }
        let root = try edge.root(size: opened.size, rest: proof.rest.map { Array($0) }, MerkleHash(checker))
        guard root == opened.root else {
            return fault("lines \(stretch.first) to \(stretch.last) are not those that were signed for")
        }
        stretches[place].checkpoint = opened.size
        proven += stretch.last - stretch.first + 1
    }

    private mutating func take(_ end: AuditExport.End) throws(EdgeError) {
        closeStretch()
        isAtEnd = true
        if let text = try tail?.take(end.tail) { fault(text) }
        guard end.lines == lines, header.map({ $0.last - $0.first + 1 == lines }) ?? false else {
            return fault("lines are missing: the file says that it has \(end.lines), and there are \(lines)")
        }
    }

    /// A part that has lines in a tree must have ended with their proof.
    private mutating func closeStretch() {
        guard isOpen, let stretch = stretches.last else { return }
        isOpen = false
        if stretch.origin != nil { fault("lines \(stretch.first) to \(stretch.last) have no proof") }
    }
}
