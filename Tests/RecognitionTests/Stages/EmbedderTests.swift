import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Alignment and embedding")
struct EmbedderTests {
    private func template(_ image: Image) throws -> FaceTemplate {
        let face = try #require(try RealParts.face(in: image))
        return try RealParts.nets().embedder.template(of: FaceAligner.align(face, in: image))
    }

    private func cosine(_ one: FaceTemplate, _ other: FaceTemplate) -> Float {
        zip(one.values, other.values).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("points that lie where they belong need no alignment")
    func identity() {
        let map = FaceAligner.map(to: FaceAligner.target)
        let (x, y) = map(40, 70)
        #expect(abs(x - 40) < 1e-6 && abs(y - 70) < 1e-6)
    }

    @Test("alignment undoes any turn, size and shift")
    func undoesSimilarity() {
        let turned = PixelMap(a: 2.4, b: -1.1, c: 300, d: 1.1, e: 2.4, f: -40)
        let points = FaceAligner.target.map { point in
            let (x, y) = turned(Double(point.x), Double(point.y))
            return Point(x: Float(x), y: Float(y))
        }
        let map = FaceAligner.map(to: points)
        for (x, y) in [(0.0, 0.0), (111, 0), (50, 111)] {
            let (found, expected) = (map(x, y), turned(x, y))
            #expect(abs(found.x - expected.x) < 1e-3 && abs(found.y - expected.y) < 1e-3)
        }
    }

    @Test("points that fall together do not make it crash")
    func degenerate() throws {
        let face = FaceGeometry(
            x: 0, y: 0, width: 10, height: 10, landmarks: [Point](repeating: Point(x: 5, y: 5), count: 5), score: 1)
        let aligned = FaceAligner.align(face, in: try RealParts.still("obama.jpg"))
        #expect(aligned.values.allSatisfy { $0.isFinite })
    }

    @Test("a template has 128 numbers of length one, and the same picture gives the same one")
    func normalised() throws {
        let (one, again) = (try template(RealParts.still("obama.jpg")), try template(RealParts.still("obama.jpg")))
        #expect(one.values.count == 128)
        #expect(abs(cosine(one, one) - 1) < 1e-5)
        #expect(one == again)
        #expect(one.model.id == "sface")
    }

    @Test("three photographs of one man are alike, another man's is not")
    func tellsPeopleApart() throws {
        let same = try ["obama.jpg", "obama2.jpg", "obama3.jpg"].map { try template(RealParts.still($0)) }
        let other = try template(RealParts.still("biden.jpg"))
        for (index, one) in same.enumerated() {
            for next in same.dropFirst(index + 1) { #expect(cosine(one, next) > 0.5) }
            #expect(cosine(one, other) < 0.3)
        }
    }

    @Test("a template does not depend much on the size of the picture")
    func sizeMattersLittle() throws {
        let bytes = try TestInputs.bytes("stills/obama.jpg")
        let decoder = JPEGTestDecoder()
        let picture = try decoder.inspect(bytes)
        let whole = try template(decoder.decode(picture, scale: .full))
        let half = try template(decoder.decode(picture, scale: .atLeast(longSide: picture.longSide / 2)))
        #expect(cosine(whole, half) > 0.95)
    }

    @Test("gives the similarities that another implementation of the same chain gives")
    func agreesWithReference() throws {
        let names = ["obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg"]
        let decoder = JPEGTestDecoder()
        let templates = try names.map { name in
            // At half size: a larger face is shrunk before it is aligned, which the other implementation does not do.
            let picture = try decoder.inspect(TestInputs.bytes("stills/\(name)"))
            return try template(decoder.decode(picture, scale: .atLeast(longSide: picture.longSide / 2)))
        }
        let expected: [(Int, Int, Float)] = [
            (0, 1, 0.762), (0, 2, 0.779), (0, 3, 0.119),
            (1, 2, 0.746), (1, 3, 0.223), (2, 3, 0.140),
        ]
        for (one, other, similarity) in expected {
            let found = cosine(templates[one], templates[other])
            // The points of two detectors differ by a pixel or so, and that much of the similarity with them.
            #expect(abs(found - similarity) < 0.05, "\(names[one]) \(names[other])")
        }
    }
}

extension EncodedImage {
    fileprivate var longSide: Int { max(width, height) }
}
