import EdgeCore

/// A box around a face, for people who look.
enum FaceBox {
    /// A face that was seen longer ago has gone on.
    private static let patience = Duration.seconds(1)
    /// Blue, green, red.
    private static let colour: [UInt8] = [64, 255, 64]

    /// Whether a face still stands where it was seen, about, when this frame is taken.
    static func fits(_ sighting: FaceSighting, _ moment: FrameClock.Instant) -> Bool {
        let age = sighting.takenAt.duration(to: moment)
        // The session may have seen a later frame than the one that is shown.
        return age <= patience && age >= .zero - patience
    }

    /// The picture with a box where the face stands; what of it lies outside is left out.
    static func drawn(_ sighting: FaceSighting, on image: Image) -> Image {
        func place(_ share: Float, _ length: Int) -> Int {
            let place = (share * Float(length)).rounded()
            // What a net says may be anything.
            return place.isFinite ? Int(max(-1_000_000, min(place, 1_000_000))) : -1_000_000
        }
        let (left, right) = (place(sighting.left, image.width), place(sighting.right, image.width))
        let (top, bottom) = (place(sighting.top, image.height), place(sighting.bottom, image.height))
        guard left < right, top < bottom else { return image }
        let line = max(image.longSide / 320, 2)
        var canvas = Canvas(image)
        canvas.fill(left..<right, top..<(top + line))
        canvas.fill(left..<right, (bottom - line)..<bottom)
        canvas.fill(left..<(left + line), top..<bottom)
        canvas.fill((right - line)..<right, top..<bottom)
        return Image(width: image.width, height: image.height, pixels: canvas.pixels)
    }

    private struct Canvas {
        private(set) var pixels: [UInt8]
        private let (width, height): (Int, Int)

        init(_ image: Image) { (pixels, width, height) = (image.pixels, image.width, image.height) }

        mutating func fill(_ columns: Range<Int>, _ rows: Range<Int>) {
            for y in rows.clamped(to: 0..<height) {
                for x in columns.clamped(to: 0..<width) {
                    for channel in 0..<3 { pixels[3 * (y * width + x) + channel] = FaceBox.colour[channel] }
                }
            }
        }
    }
}
