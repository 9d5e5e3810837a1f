import EdgeCore

/// Gathers the parts of a multipart body into fields.
struct MultipartCollector: Sendable {
    /// The most parts that a body may have.
    static let maximumParts = 64

    private var parser: MultipartParser
    private var collected = RequestFields()
    private var current: (name: String, isFile: Bool)?
    private var bytes: [UInt8] = []
    private var parts = 0

    /// Starts with nothing.
    init(boundary: String) { parser = MultipartParser(boundary: boundary) }

    /// Takes the next piece of the body.
    ///
    /// Throws `request.malformed`.
    mutating func feed(_ piece: some Sequence<UInt8>) throws(EdgeError) {
        parser.feed(piece)
        while let event = try parser.next() {
            switch event {
            case .part(let headers): try begin(headers)
            case .data(let data): if current != nil { bytes.append(contentsOf: data) }
            case .partEnd: endPart()
            case .end: return
            }
        }
    }

    /// The fields of a complete body.
    ///
    /// Throws `request.malformed` when it was cut off.
    func fields() throws(EdgeError) -> RequestFields {
        guard parser.isFinished else {
            throw EdgeError(.requestMalformed, "The multipart body ends before its closing boundary.")
        }
        return collected
    }

    private mutating func begin(_ headers: [String: String]) throws(EdgeError) {
        parts += 1
        guard parts <= Self.maximumParts else {
            throw EdgeError(.requestMalformed, "The multipart body has more than \(Self.maximumParts) parts.")
        }
        let disposition = headers["content-disposition"] ?? ""
        bytes = []
        guard let name = MultipartParser.parameter("name", of: disposition) else {
            throw EdgeError(.requestMalformed, "A multipart part has no name.")
        }
        let hasFileName = MultipartParser.parameter("filename", of: disposition) != nil
        current = (name, hasFileName || headers["content-type"]?.lowercased().hasPrefix("image/") == true)
    }

    private mutating func endPart() {
        guard let part = current else { return }
        collected.set(part.name, part.isFile ? .file(bytes) : .text(bytes))
        current = nil
        bytes = []
    }
}
