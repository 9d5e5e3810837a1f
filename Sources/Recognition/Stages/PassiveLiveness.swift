import EdgeCore

/// Asks the MiniFASNet pair whether a face is live or a print or a screen.
///
/// A hint against printed photographs and simple screen replays, no more; it is read over several frames.
struct PassiveLiveness: Sendable {
    /// The side of the nets' input, pixels.
    static let side = 80
    /// How much of the surroundings each net sees: the crop's side against the box's.
    static let scales = (v2: 2.7, v1se: 4.0)

    private let v2: OnnxSession
    private let v1se: OnnxSession

    /// Wraps the two loaded nets.
    init(v2: OnnxSession, v1se: OnnxSession) {
        self.v2 = v2
        self.v1se = v1se
    }

    /// The nets alone.
    var bare: [BareNet] {
        [(NetLoader.passiveV2, v2), (NetLoader.passiveV1SE, v1se)].map { id, session in
            BareNet(id: id, session: session, input: [1, 3, Self.side, Self.side], outputs: [[1, 3]], range: 255)
        }
    }

    /// The mean of both nets' logits, positive is live; `nil` for a picture without colour, on which they have no opinion.
    func logit(of face: FaceGeometry, in image: Image) throws(EdgeError) -> Float? {
        guard image.hasColour(around: face) else { return nil }
        let wide = try Self.logit(v1se, crop: Self.crop(of: face, scale: Self.scales.v1se, in: image), image)
        let narrow = try Self.logit(v2, crop: Self.crop(of: face, scale: Self.scales.v2, in: image), image)
        return (wide + narrow) / 2
    }

    /// The part of the frame that a net sees: the box grown about its centre, less where the frame is too small, and
    /// shifted inside.
    ///
    /// The rule matters as much as the net does.
    static func crop(of face: FaceGeometry, scale wanted: Double, in image: Image) -> PixelRegion {
        let (boxWidth, boxHeight) = (max(Double(face.width), 1), max(Double(face.height), 1))
        let (frameWidth, frameHeight) = (Double(image.width - 1), Double(image.height - 1))
        let scale = min(frameHeight / boxHeight, frameWidth / boxWidth, wanted)
        let (width, height) = (boxWidth * scale, boxHeight * scale)
        let centreX = Double(face.x) + boxWidth / 2
        let centreY = Double(face.y) + boxHeight / 2
        let left = max(min(centreX - width / 2, frameWidth - width), 0)
        let top = max(min(centreY - height / 2, frameHeight - height), 0)
        // Both corners are part of the crop.
        let right = min(Int(left + width), image.width - 1)
        let bottom = min(Int(top + height), image.height - 1)
        return PixelRegion(x: Int(left), y: Int(top), width: right - Int(left) + 1, height: bottom - Int(top) + 1)
    }

    // Class 1 is live; the other two are prints and screens.
    private static func logit(_ session: OnnxSession, crop: PixelRegion, _ image: Image) throws(EdgeError) -> Float {
        let input = try image.resized(
            crop, width: side, height: side, canvas: (side, side), filter: .bilinear, order: .bgr)
        let output = try session.run(input, outputShapes: [[1, 3]]).values
        let highest = max(output[0], output[2])
        let rest = highest + naturalLogarithm(exponential(output[0] - highest) + exponential(output[2] - highest))
        return output[1] - rest
    }
}
