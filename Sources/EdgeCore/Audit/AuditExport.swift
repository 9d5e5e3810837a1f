public import FoundationEssentials

/// What an exported stretch of the audit trail consists of: one JSON object a line, in this order.
///
/// A header; for each epoch a part, its lines and the proof of them; the end.
public enum AuditExport {
    /// What the header names the format.
    public static let format = "edged-audit-export"
    /// The version of the format.
    public static let version = 1

    /// Whose trail it is, and which lines follow.
    public struct Header: Sendable, Equatable, Codable {
        /// Names the format.
        public var format = AuditExport.format
        /// Its version.
        public var version = AuditExport.version
        /// The device's 16 bytes as hexadecimal digits.
        public var device: String
        /// The key that the checkpoints are said to be signed with.
        public var publicKey: Data
        /// When it was made, by the device's clock; microseconds since 1970.
        public var madeAt: Int64
        /// The first line.
        public var first: Int64
        /// The last line; the first less one when there is none.
        public var last: Int64

        /// Puts a header together.
        public init(device: String, publicKey: Data, madeAt: Int64, first: Int64, last: Int64) {
            self.device = device
            self.publicKey = publicKey
            self.madeAt = madeAt
            self.first = first
            self.last = last
        }
    }

    /// The lines of one epoch begin here, or those of earlier versions, which stand in no tree.
    public struct Part: Sendable, Equatable, Codable {
        /// The name of the epoch's trail; `nil` for lines that no checkpoint covers.
        public var origin: String?
        /// The first line of the epoch, which may stand before the export.
        public var firstSequence: Int64
        /// The right edge of the tree over the epoch's lines before this part (``MerkleEdge/bytes``).
        public var edge: Data

        /// Puts a part's head together.
        public init(origin: String?, firstSequence: Int64, edge: Data) {
            self.origin = origin
            self.firstSequence = firstSequence
            self.edge = edge
        }
    }

    /// Shows that the lines of a part stand in the trail as a checkpoint has it.
    public struct Proof: Sendable, Equatable, Codable {
        /// The signed checkpoint.
        public var checkpoint: String
        /// The roots of the subtrees over the lines between the part and the checkpoint.
        public var rest: [Data]

        /// Puts a proof together.
        public init(checkpoint: String, rest: [Data]) {
            self.checkpoint = checkpoint
            self.rest = rest
        }
    }

    /// Shows that nothing is cut off.
    public struct End: Sendable, Equatable, Codable {
        /// How many lines there were.
        public var lines: Int64
        /// Where the trail ends, as the device says it; `nil` where lines are not sealed.
        public var tail: TailEnd?

        /// Puts an end together.
        public init(lines: Int64, tail: TailEnd?) {
            self.lines = lines
            self.tail = tail
        }
    }

    /// What the device said of the trail's end when the export was made, which nobody without the present key can say.
    public struct TailEnd: Sendable, Equatable, Codable {
        /// Which first key the present one comes from; hexadecimal digits.
        public var generation: String
        /// The present interval.
        public var interval: Int64
        /// The last line of the trail.
        public var newest: Int64
        /// When; microseconds since 1970.
        public var at: Int64
        /// The code by the present key over ``AuditTail/statement(generation:interval:newest:at:)``.
        public var code: Data

        /// Puts a statement together.
        public init(generation: String, interval: Int64, newest: Int64, at: Int64, code: Data) {
            self.generation = generation
            self.interval = interval
            self.newest = newest
            self.at = at
            self.code = code
        }
    }

    /// One line of the file.
    public enum Record: Sendable, Equatable {
        case header(Header)
        case part(Part)
        case line(AuditTrailLine)
        case proof(Proof)
        case end(End)
    }
}

extension AuditExport.Record: Codable {
    private enum CodingKeys: String, CodingKey { case header, part, line, proof, end }

    /// Reads an object with exactly one member, which says what it is.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "not one record"))
        }
        switch key {
        case .header: self = .header(try container.decode(AuditExport.Header.self, forKey: key))
        case .part: self = .part(try container.decode(AuditExport.Part.self, forKey: key))
        case .line: self = .line(try container.decode(AuditTrailLine.self, forKey: key))
        case .proof: self = .proof(try container.decode(AuditExport.Proof.self, forKey: key))
        case .end: self = .end(try container.decode(AuditExport.End.self, forKey: key))
        }
    }

    /// Writes the object.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .header(let header): try container.encode(header, forKey: .header)
        case .part(let part): try container.encode(part, forKey: .part)
        case .line(let line): try container.encode(line, forKey: .line)
        case .proof(let proof): try container.encode(proof, forKey: .proof)
        case .end(let end): try container.encode(end, forKey: .end)
        }
    }

    /// The record as one line of the file, without a line break.
    public func text() throws(EdgeError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return String(decoding: try encoder.encode(self), as: UTF8.self) } catch {
            throw EdgeError(.internalFault, "An audit record cannot be written.")
        }
    }

    /// Reads a line of the file; `nil` when it is none.
    public init?(text: some Sequence<UInt8>) {
        guard let record = try? JSONDecoder().decode(Self.self, from: Data(text)) else { return nil }
        self = record
    }
}

extension AuditExport.Header {
    private enum CodingKeys: String, CodingKey {
        case format, version, device, first, last
        case publicKey = "public_key"
        case madeAt = "made_at"
    }
}

extension AuditExport.Part {
    private enum CodingKeys: String, CodingKey {
        case origin, edge
        case firstSequence = "first_sequence"
    }
}
