import EdgeCore
import Testing

@testable import Capture

@Suite("A box around a face")
struct FaceBoxTests {
    private let black = Image(width: 64, height: 48, pixels: Array(repeating: 0, count: 3 * 64 * 48))

    private func sighting(_ x: Float, _ y: Float, _ width: Float, _ height: Float) -> FaceSighting {
        let face = FaceGeometry(
            x: x, y: y, width: width, height: height, landmarks: Array(repeating: Point(x: 0, y: 0), count: 5), score: 1
        )
        return FaceSighting(face, frameWidth: 640, frameHeight: 480, takenAt: FrameClock().now)
    }

    /// Which pixels of a row were drawn on.
    private func drawn(_ image: Image, row: Int) -> [Int] {
        (0..<image.width).filter { image.pixels[3 * (row * image.width + $0) + 1] > 0 }
    }

    @Test("is a line on each side, and its inside and its outside stay as they were")
    func frame() {
        let image = FaceBox.drawn(sighting(160, 120, 320, 240), on: black)
        #expect(image.width == 64 && image.height == 48)
        #expect(drawn(image, row: 11).isEmpty && drawn(image, row: 36).isEmpty)
        for row in [12, 13, 34, 35] { #expect(drawn(image, row: row) == Array(16..<48)) }
        for row in 14..<34 { #expect(drawn(image, row: row) == [16, 17, 46, 47]) }
    }

    @Test(
        "stays within the picture, wherever the face is said to stand",
        arguments: [
            (-100, -100, 200, 200), (600, 440, 200, 200), (-5000, 0, 20_000, 480), (0, 0, 640, 480), (2000, 2000, 9, 9),
            (10, 10, 1, 1), (10, 10, -50, -50), (.nan, 0, 100, 100), (0, 0, .infinity, .infinity),
            (-.infinity, 0, 100, 100),
        ] as [(Float, Float, Float, Float)])
    func anywhere(x: Float, y: Float, width: Float, height: Float) {
        let image = FaceBox.drawn(sighting(x, y, width, height), on: black)
        #expect(image.pixels.count == black.pixels.count)
    }

    @Test("is drawn for a second, whichever of the two frames was first")
    func age() {
        let seen = sighting(0, 0, 10, 10)
        for (milliseconds, fits) in [(0, true), (1000, true), (1001, false), (-1000, true), (-1001, false)] {
            #expect(FaceBox.fits(seen, seen.takenAt.advanced(by: .milliseconds(milliseconds))) == fits)
        }
    }
}
