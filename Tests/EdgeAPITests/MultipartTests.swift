import EdgeCore
import Testing

@testable import EdgeAPI

@Suite("Multipart")
struct MultipartTests {
    /// Reads a body that comes in the given pieces.
    private func read(_ pieces: [[UInt8]], boundary: String = "B") throws(EdgeError) -> RequestFields {
        var collector = MultipartCollector(boundary: boundary)
        for piece in pieces { try collector.feed(piece) }
        return try collector.fields()
    }

    private func read(_ text: String, boundary: String = "B") throws(EdgeError) -> RequestFields {
        try read([Array(text.utf8)], boundary: boundary)
    }

    @Test("text and file parts come out as they went in")
    func readsParts() throws {
        let fields = try read([
            Multipart.body(
                [("session_token", nil, Array("sess_x".utf8)), ("image", "a.jpg", Picture.bytes), ("empty", nil, [])],
                boundary: "B")
        ])
        #expect(fields.value("session_token") == .text(Array("sess_x".utf8)))
        #expect(fields.value("image") == .file(Picture.bytes))
        #expect(fields.value("empty") == .text([]))
    }

    @Test("however the body is cut into pieces, the parts are the same")
    func survivesEveryCut() throws {
        var generator = SeededGenerator(seed: 42)
        for round in 0..<300 {
            // Data that is full of near-delimiters.
            let tricky = ["\r\n--", "\r\n--B", "\r", "\n", "--B--", "-", "x", "\r\n", "\r\n\r\n"]
            var data: [UInt8] = []
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                data += (tricky.randomElement(using: &generator) ?? "").utf8
            }
            let boundary = "Bq\(round)"
            let parts: [(String, String?, [UInt8])] = [
                ("a", nil, data), ("image", "x", data.reversed()), ("b", nil, []),
            ]
            let body = Multipart.body(parts, boundary: boundary)
            var pieces: [[UInt8]] = []
            var rest = body[...]
            while !rest.isEmpty {
                let length = Int.random(in: 1...max(1, round % 40 + 1), using: &generator)
                pieces.append(Array(rest.prefix(length)))
                rest = rest.dropFirst(length)
            }
            let fields = try read(pieces, boundary: boundary)
            #expect(fields.value("a") == .text(data))
            #expect(fields.value("image") == .file(data.reversed()))
            #expect(fields.value("b") == .text([]))
        }
    }

    @Test("a body with damage anywhere is read or refused, never more than that")
    func survivesDamage() {
        var generator = SeededGenerator(seed: 99)
        let whole = Multipart.body([("a", nil, [1, 2, 3]), ("image", "x.jpg", Picture.bytes)], boundary: "B")
        for _ in 0..<3000 {
            var body = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: body.indices, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: body[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: body.remove(at: index)
                case 2: body.insert(UInt8(ascii: "-"), at: index)
                default: body.removeSubrange(index...)
                }
                if body.isEmpty { body = [0] }
            }
            do {
                let fields = try read([body])
                _ = fields.value("image")
            } catch {
                #expect(error.code == .requestMalformed)
            }
        }
    }

    @Test("a body that was cut off is refused at every length")
    func refusesTruncation() {
        let whole = Multipart.body([("image", "x.jpg", Picture.bytes)], boundary: "B")
        // The last two bytes are the line break behind the closing delimiter.
        for length in 0..<(whole.count - 2) {
            #expect(throws: EdgeError.self) { try read([Array(whole.prefix(length))]) }
        }
    }

    @Test("preamble, epilogue and blanks behind the boundary are legal, a part without a name is not")
    func readsOddForms() throws {
        let start = "preamble\r\n--B  \r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B"
        #expect(try read(start + "--\r\nend").value("a") == .text([UInt8(ascii: "1")]))
        for headers in ["", "Content-Disposition: form-data\r\n"] {
            #expect(throws: EdgeError.self) { try read(start + "\r\n\(headers)\r\nnameless\r\n--B--\r\n") }
        }
    }

    @Test("header parameters are read with quotes, escapes and odd order")
    func readsParameters() {
        let value = #"form-data; FileName="a \"b\" C:\x.jpg" ; name="im;age"; x"#
        #expect(MultipartParser.parameter("name", of: value) == "im;age")
        #expect(MultipartParser.parameter("filename", of: value) == #"a "b" C:\x.jpg"#)
        #expect(MultipartParser.parameter("missing", of: value) == nil)
    }

    @Test(
        "a boundary is taken only when it is legal",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"), ("multipart/form-data; boundary=\"a b\"", "a b"),
            ("multipart/form-data", nil), ("multipart/form-data; boundary=", nil),
            ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", nil),
        ] as [(String, String?)])
    func readsBoundary(contentType: String, boundary: String?) {
        #expect(MultipartParser.boundary(of: contentType) == boundary)
    }

    @Test("endless headers and endless parts are refused")
    func boundsEverything() {
        #expect(throws: EdgeError.self) {
            try read("--B\r\nX: \(String(repeating: "y", count: 9000))\r\n\r\n\r\n--B--")
        }
        var parser = MultipartParser(boundary: "B")
        parser.feed(Array("--B\r\nX: \(String(repeating: "y", count: 9000))".utf8))
        #expect(throws: EdgeError.self) { try parser.next() }
        let parts = (0..<65).map { (name: "n\($0)", file: String?.none, bytes: [UInt8]()) }
        #expect(throws: EdgeError.self) { try read([Multipart.body(parts, boundary: "B")]) }
    }
}
