import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Face detector")
struct DetectorTests {
    /// Where another implementation of the same net finds the face: box, then five points.
    private static let reference: [(name: String, numbers: [Float])] = [
        (
            "obama.jpg",
            [372.2, 83.3, 239.9, 327.9, 431.9, 214.9, 551.5, 216.8, 486.9, 276.4, 437.6, 318.0, 537.5, 324.4]
        ),
        (
            "obama2.jpg",
            [207.2, 229.2, 263.9, 405.1, 247.9, 374.2, 373.4, 379.0, 285.0, 455.3, 252.4, 510.6, 359.7, 524.3]
        ),
        (
            "obama3.jpg",
            [633.0, 259.9, 284.7, 353.4, 731.4, 394.8, 853.5, 392.9, 798.8, 461.1, 733.3, 511.8, 842.9, 525.8]
        ),
        (
            "biden.jpg",
            [424.4, 177.6, 301.7, 387.3, 528.4, 322.9, 664.0, 327.9, 599.1, 405.9, 526.5, 460.3, 640.4, 467.4]
        ),
        (
            "single_face.jpg",
            [189.4, 141.3, 176.9, 255.8, 227.2, 247.6, 310.4, 244.4, 268.3, 295.3, 232.6, 332.1, 308.4, 330.9]
        ),
        (
            "profile15.jpg",
            [97.1, 132.8, 278.6, 350.7, 163.2, 253.9, 292.2, 254.7, 220.1, 325.8, 172.8, 382.5, 286.1, 383.4]
        ),
        (
            "profile45.jpg",
            [41.5, 157.9, 251.9, 322.9, 73.4, 251.5, 158.3, 261.7, 67.1, 319.6, 73.1, 381.4, 149.6, 390.3]
        ),
    ]

    @Test("finds the face where the reference implementation finds it, at 320 pixels", arguments: 0..<reference.count)
    func agreesWithReference(index: Int) throws {
        let expected = Self.reference[index]
        let image = try RealParts.still(expected.name)
        let face = try #require(try RealParts.nets().detector.faces(in: image, longSide: 320).first)
        let found = [face.x, face.y, face.width, face.height] + face.landmarks.flatMap { [$0.x, $0.y] }
        // Two pixels of the picture that the net saw.
        let tolerance = 2 * Float(image.longSide) / 320
        for (one, other) in zip(found, expected.numbers) { #expect(abs(one - other) <= tolerance, "\(expected.name)") }
    }

    @Test("finds the same face on the small picture and on the large one")
    func scalesAgree() throws {
        let image = try RealParts.still("obama.jpg")
        let small = try #require(try RealParts.nets().detector.faces(in: image, longSide: 160).first)
        let large = try #require(try RealParts.nets().detector.faces(in: image, longSide: 320).first)
        #expect(FaceDetector.overlap(small, large) > 0.8)
    }

    @Test("counts the people of a group, the largest face first")
    func groups() throws {
        let faces = try RealParts.nets().detector.faces(in: RealParts.still("multi_face.jpg"))
        #expect(faces.count == 5)
        #expect(faces.map { $0.width * $0.height } == faces.map { $0.width * $0.height }.sorted(by: >))
        #expect(try RealParts.nets().detector.faces(in: RealParts.still("t1.jpg")).count == 6)
    }

    @Test("finds nobody where nobody is")
    func nobody() throws {
        for bytes in try TestInputs.footage("no-face", limit: 8) {
            #expect(try RealParts.nets().detector.faces(in: RealParts.image(bytes)).isEmpty)
        }
        for level in [UInt8(0), 128, 255] {
            let flat = Image(width: 64, height: 48, pixels: [UInt8](repeating: level, count: 64 * 48 * 3))
            #expect(try RealParts.nets().detector.faces(in: flat).isEmpty)
        }
    }

    @Test("takes pictures of every shape", arguments: [(64, 64), (65, 640), (1000, 64), (33, 31), (1, 1), (2000, 3)])
    func oddShapes(width: Int, height: Int) throws {
        let bytes = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 &* 7919) }
        let faces = try RealParts.nets().detector.faces(in: Image(width: width, height: height, pixels: bytes))
        #expect(faces.count < 5)
    }

    @Test("of overlapping boxes the best stays")
    func overlaps() {
        let points = [Point](repeating: Point(x: 0, y: 0), count: 5)
        let faces = [(0, 0.7), (2, 0.9), (30, 0.8)].map { x, score in
            FaceGeometry(x: Float(x), y: 0, width: 10, height: 10, landmarks: points, score: Float(score))
        }
        #expect(FaceDetector.withoutOverlaps(faces).map(\.score) == [0.9, 0.8])
        #expect(FaceDetector.overlap(faces[0], faces[0]) == 1)
        #expect(FaceDetector.overlap(faces[0], faces[2]) == 0)
    }
}
