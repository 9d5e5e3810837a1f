import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

/// The grey view of ordinary footage stands in for an infrared camera: none was to be had, and no attacks on one.
@Suite("The sight of an infrared camera")
struct InfraredSightTests {
    private func sight(_ image: Image) async throws -> InfraredSight {
        try await RealParts.engine().look(
            atInfrared: Frame(image: image.encoded, capturedAt: FrameClock().now, sequence: 0, origin: .camera))
    }

    /// Where the colour camera sees the face of a picture.
    private func place(_ image: Image) async throws -> RelativePlace {
        let evidence = try await RealParts.engine().analyze(
            image.encoded, plan: RealParts.everything, enforcesGate: true)
        return try #require(evidence.place)
    }

    private func finding(_ sight: InfraredSight, beside place: RelativePlace) -> InfraredFinding {
        InfraredLook.seen(sight).finding(beside: place, InfraredSettings())
    }

    @Test("a lit face in the same place agrees, whatever the size of the picture", arguments: [0, 14, 35])
    func agrees(index: Int) async throws {
        let colour = try RealParts.frame("webcam-man", index)
        let place = try await place(colour)
        #expect(finding(try await sight(colour.grey), beside: place) == .agrees)
        let bytes = try JPEGTestDecoder().inspect(
            TestInputs.bytes(index == 0 ? "webcam-man/0000.jpg" : "webcam-man/00\(index).jpg"))
        let small = try JPEGTestDecoder().decode(bytes, scale: .atLeast(longSide: 400))
        #expect(small.width < colour.width)
        #expect(finding(try await sight(small.grey), beside: place) == .agrees)
    }

    @Test("faces with more and less light on them agree too", arguments: ["obama.jpg", "obama2.jpg", "profile15.jpg"])
    func stills(name: String) async throws {
        let colour = try RealParts.still(name)
        for grey in [colour.grey, colour.grey.changed { $0 / 2 }] {
            #expect(finding(try await sight(grey), beside: try await place(colour)) == .agrees)
        }
    }

    @Test("a black picture, and one as dark as a lens that is covered, is not lit")
    func black() async throws {
        let colour = try RealParts.frame("webcam-man", 0)
        let place = try await place(colour)
        #expect(finding(try await sight(colour.changed { _ in 0 }), beside: place) == .unlit)
        #expect(finding(try await sight(colour.grey.changed { $0 / 32 }), beside: place) == .unlit)
    }

    @Test("a lit room without the face, as a screen leaves it, is not what the colour camera sees")
    func screen() async throws {
        let place = try await place(RealParts.frame("webcam-man", 0))
        for bytes in try TestInputs.footage("no-face", limit: 3) {
            #expect(finding(try await sight(RealParts.image(bytes).grey), beside: place) == .absent)
        }
    }

    @Test("somebody's face in another place is not the face that the colour camera sees")
    func elsewhere() async throws {
        let place = try await place(RealParts.frame("webcam-man", 0))
        let other = try await sight(RealParts.frame("woman", 10).grey)
        #expect(!other.faces.isEmpty)
        #expect(finding(other, beside: place) == .elsewhere)
    }

    @Test("a face that is darkened where it stands is dark, and one without light and shade is flat")
    func light() throws {
        let grey = try RealParts.frame("webcam-man", 0).grey
        let face = try #require(try RealParts.face(in: grey))
        let place = RelativePlace(of: face, width: grey.width, height: grey.height)
        func finding(_ image: Image) -> InfraredFinding {
            self.finding(InfraredSight(of: image, faces: [face]), beside: place)
        }
        #expect(finding(grey) == .agrees)
        #expect(finding(grey.painted(face) { $0 / 8 }) == .dark)
        #expect(finding(grey.painted(face) { 110 + $0 / 16 }) == .flat)
    }

    @Test("a box outside of the picture is no face, and one that fills it has no surroundings")
    func edges() {
        let image = Image(width: 64, height: 48, pixels: Array(repeating: 100, count: 3 * 64 * 48))
        #expect(InfraredSight(of: image, faces: [Synthetic.face(x: 500, y: 500)]).faces.isEmpty)
        let filled = InfraredSight(of: image, faces: [Synthetic.face(x: -20, y: -20, size: 200)])
        #expect(filled.faces.first?.surroundings == nil && filled.faces.first?.mean == 100 && filled.light == 100)
    }
}

extension Image {
    /// The pixels of a face's box through `change`.
    fileprivate func painted(_ face: FaceGeometry, _ change: (UInt8) -> UInt8) -> Image {
        var bytes = pixels
        for y in max(Int(face.y), 0)..<min(Int(face.y + face.height), height) {
            for x in max(Int(face.x), 0)..<min(Int(face.x + face.width), width) {
                for at in 3 * (y * width + x)..<3 * (y * width + x) + 3 { bytes[at] = change(bytes[at]) }
            }
        }
        return Image(width: width, height: height, pixels: bytes)
    }
}
