import EdgeCore
import EdgeTesting
import Testing

@testable import Recognition

@Suite("Passive liveness")
struct PassiveLivenessTests {
    private let points = [Point](repeating: Point(x: 0, y: 0), count: 5)

    private func face(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> FaceGeometry {
        FaceGeometry(x: x, y: y, width: width, height: height, landmarks: points, score: 1)
    }

    private func blank(_ width: Int, _ height: Int) -> Image {
        Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: 3 * width * height))
    }

    @Test("the crop is the box grown about its centre, both corners included")
    func cropInTheMiddle() {
        let crop = PassiveLiveness.crop(of: face(300, 200, 60, 80), scale: 2.7, in: blank(640, 480))
        #expect(crop == PixelRegion(x: 249, y: 132, width: 163, height: 217))
    }

    @Test("a crop that leaves the frame is shifted inside and keeps its size")
    func cropAtTheRim() {
        let crop = PassiveLiveness.crop(of: face(10, 20, 60, 80), scale: 2.7, in: blank(640, 480))
        #expect(crop == PixelRegion(x: 0, y: 0, width: 163, height: 217))
        let other = PassiveLiveness.crop(of: face(570, 390, 60, 80), scale: 2.7, in: blank(640, 480))
        #expect(other == PixelRegion(x: 477, y: 263, width: 163, height: 217))
    }

    @Test("in a frame that is too small the crop shrinks and keeps the box's shape")
    func cropShrinks() {
        let crop = PassiveLiveness.crop(of: face(200, 150, 150, 200), scale: 4, in: blank(640, 480))
        #expect(crop.height == 480 && crop.y == 0)
        #expect(abs(crop.width - 360) <= 1)
    }

    @Test("the crop always lies inside of the frame", arguments: 0..<200)
    func cropIsInside(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        let (width, height) = (random.next(in: 16...900), random.next(in: 16...900))
        let box = face(
            Float(random.next(in: -300...900)), Float(random.next(in: -300...900)),
            Float(random.next(in: 1...700)), Float(random.next(in: 1...700)))
        for scale in [2.7, 4.0] {
            let crop = PassiveLiveness.crop(of: box, scale: scale, in: blank(width, height))
            #expect(crop.x >= 0 && crop.y >= 0 && crop.width > 0 && crop.height > 0)
            #expect(crop.x + crop.width <= width && crop.y + crop.height <= height)
        }
    }

    @Test(
        "a man at his webcam is live over five frames",
        .enabled(if: TestInputs.hasPassiveLiveness, "set-up could not get the passive liveness weights"))
    func liveMan() throws {
        let nets = try RealParts.nets()
        let liveness = try #require(nets.liveness, "the passive weights are missing: run scripts/setup")
        let logits = try (0..<5).map { index in
            let image = try RealParts.frame("webcam-man", index * 5)
            let face = try #require(try RealParts.face(in: image))
            return try #require(try liveness.logit(of: face, in: image))
        }
        #expect(logits.reduce(0, +) / 5 > -1.5)
    }

    @Test(
        "a picture without colour gets no opinion",
        .enabled(if: TestInputs.hasPassiveLiveness, "set-up could not get the passive liveness weights"))
    func greyHasNoOpinion() throws {
        let nets = try RealParts.nets()
        let liveness = try #require(nets.liveness, "the passive weights are missing: run scripts/setup")
        let image = try RealParts.frame("webcam-man", 0)
        let face = try #require(try RealParts.face(in: image))
        #expect(try liveness.logit(of: face, in: image) != nil)
        #expect(try liveness.logit(of: face, in: image.grey) == nil)
    }
}

/// Random numbers that are the same in every run.
private struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

    mutating func next(in range: ClosedRange<Int>) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return range.lowerBound + Int(state % UInt64(range.count))
    }
}
