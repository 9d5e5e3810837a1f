import EdgeCore
import Testing

@testable import Recognition

@Suite("Face mesh")
struct FaceMeshTests {
    private func reading(_ image: Image) throws -> MeshReading {
        let face = try #require(try RealParts.face(in: image))
        return try RealParts.nets().mesh.reading(of: face, in: image)
    }

    private func eyes(_ image: Image) throws -> Float {
        let net = try #require(try RealParts.nets().eyes, "the model eyes is missing: run scripts/setup first")
        return try net.aspectRatio(of: reading(image), in: image)
    }

    @Test("reads the angles that two studio portraits were taken at, and their mirror images the other way round")
    func yawOfPortraits() throws {
        for (name, angle) in [("profile15.jpg", Float(15)), ("profile45.jpg", 45)] {
            let image = try RealParts.still(name)
            // They look to the image's left, which is their own right.
            #expect(abs(try reading(image).pose.yaw + angle) < 6, "\(name)")
            #expect(abs(try reading(image.mirrored).pose.yaw - angle) < 6, "\(name)")
        }
    }

    @Test("a straight face reads near zero")
    func straightFace() throws {
        for name in ["obama.jpg", "single_face.jpg"] {
            let pose = try reading(RealParts.still(name)).pose
            #expect(abs(pose.yaw) < 12 && abs(pose.pitch) < 15 && abs(pose.roll) < 8, "\(name)")
        }
    }

    @Test("a picture turned clockwise reads as leaning to the person's own left by as much")
    func rollOfTurnedPicture() throws {
        let image = try RealParts.still("obama.jpg")
        let straight = try reading(image).pose
        let face = try #require(try RealParts.face(in: image))
        let turned = image.turned(degrees: 20, around: face)
        let pose = try reading(turned).pose
        #expect(abs(pose.roll - straight.roll - 20) < 4)
        #expect(abs(pose.yaw - straight.yaw) < 10 && abs(pose.pitch - straight.pitch) < 10)
    }

    @Test("the eye corners lie at the detector's eyes, in pixels of the picture")
    func pointsLieInThePicture() throws {
        let image = try RealParts.still("obama.jpg")
        let face = try #require(try RealParts.face(in: image))
        let points = try reading(image).points
        #expect(points.count == 468)
        for (corners, eye) in [((33, 133), 0), ((362, 263), 1)] {
            let centre = (points[corners.0] + points[corners.1]) / 2
            let (dx, dy) = (centre.x - face.landmarks[eye].x, centre.y - face.landmarks[eye].y)
            #expect((dx * dx + dy * dy).squareRoot() < 0.12 * face.interEyeDistance)
        }
    }

    @Test("a face is a face, and a wall is none")
    func presence() throws {
        let image = try RealParts.still("obama.jpg")
        #expect(try reading(image).presence > 0.9)
        let face = try #require(try RealParts.face(in: image))
        let wall = Image(
            width: image.width, height: image.height, pixels: [UInt8](repeating: 90, count: image.pixels.count))
        #expect(try RealParts.nets().mesh.reading(of: face, in: wall).presence < 0.5)
    }

    @Test("a man at his webcam blinks: open, closed, open again")
    func blink() throws {
        for open in [15, 20, 35, 50] { #expect(try eyes(RealParts.frame("webcam-man", open)) > 0.2, "frame \(open)") }
        for closed in [26, 27] { #expect(try eyes(RealParts.frame("webcam-man", closed)) < 0.13, "frame \(closed)") }
    }

    @Test("a woman's shut eyes are seen, and her open ones")
    func shutEyes() throws {
        for open in [56, 80] { #expect(try eyes(RealParts.frame("woman", open)) > 0.2, "frame \(open)") }
        for closed in [20, 112] { #expect(try eyes(RealParts.frame("woman", closed)) < 0.13, "frame \(closed)") }
    }

    @Test("both eyes of a picture and of its mirror image read alike")
    func eyesAreMirrored() throws {
        let image = try RealParts.frame("webcam-man", 35)
        let (straight, mirrored) = (try eyes(image), try eyes(image.mirrored))
        #expect(abs(straight - mirrored) < 0.04)
    }
}

extension Image {
    /// The picture turned clockwise around a face.
    fileprivate func turned(degrees: Double, around face: FaceGeometry) -> Image {
        let (centreX, centreY) = (Double(face.x + face.width / 2), Double(face.y + face.height / 2))
        let (c, s) = (cosine(degrees * .pi / 180), sine(degrees * .pi / 180))
        var bytes = [UInt8](repeating: 0, count: pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let (dx, dy) = (Double(x) - centreX, Double(y) - centreY)
                let (fromX, fromY) = (Int(centreX + c * dx + s * dy), Int(centreY - s * dx + c * dy))
                guard fromX >= 0, fromY >= 0, fromX < width, fromY < height else { continue }
                for channel in 0..<3 {
                    bytes[3 * (y * width + x) + channel] = pixels[3 * (fromY * width + fromX) + channel]
                }
            }
        }
        return Image(width: width, height: height, pixels: bytes)
    }
}
