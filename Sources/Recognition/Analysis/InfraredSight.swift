import EdgeCore

/// Where a face stands in its picture, in shares of the picture: two cameras side by side agree on it whatever their sizes.
struct RelativePlace: Sendable, Equatable {
    /// The middle of the box from the left, 0…1.
    var x: Double
    /// The middle of the box from above, 0…1.
    var y: Double
    /// The box's height against the picture's.
    var size: Double
}

/// A face in an infrared picture, with the light on it and around it.
struct InfraredFace: Sendable, Equatable {
    var place: RelativePlace
    /// Mean luma in the box, 0…255.
    var mean: Double
    /// Standard deviation of luma in the box.
    var deviation: Double
    /// Mean luma of what surrounds the box; `nil` where it fills the picture.
    var surroundings: Double?
}

/// What an infrared picture shows.
///
/// Pure data: what follows from it ``InfraredJudge`` decides.
struct InfraredSight: Sendable, Equatable {
    /// Mean luma of the whole picture, 0…255.
    var light: Double
    /// The largest first.
    var faces: [InfraredFace]
    /// Tells the very same pixels again from other ones.
    var pictureDigest: UInt64
}

extension FrameAnalyzer {
    /// Looks a near face up on so small a picture; only where there is none, on the detector's own size.
    private static let nearSide = 160

    /// Faces and light of a picture of an infrared camera: one decode, and one or two looks of the detector.
    func infraredSight(of picture: EncodedImage) throws(EdgeError) -> InfraredSight {
        let image = try decoder.decode(picture, scale: .atLeast(longSide: FaceDetector.longSide))
        var faces = try nets.detector.faces(in: image, longSide: Self.nearSide)
        if faces.isEmpty { faces = try nets.detector.faces(in: image) }
        return InfraredSight(of: image, faces: faces)
    }
}

extension InfraredSight {
    /// Measures a decoded picture with the faces that were found in it.
    init(of image: Image, faces: [FaceGeometry]) {
        let whole = PixelRegion(x: 0, y: 0, width: image.width, height: image.height)
        self.init(
            light: LumaSum(of: image, in: whole).mean ?? 0,
            faces: faces.compactMap { InfraredFace($0, in: image) }, pictureDigest: image.digest)
    }
}

extension InfraredFace {
    /// `nil` for a box outside of the picture.
    init?(_ face: FaceGeometry, in image: Image) {
        let (box, wide) = (image.region(of: face, grownBy: 0), image.region(of: face, grownBy: 0.5))
        let inside = LumaSum(of: image, in: box)
        guard let mean = inside.mean, let deviation = inside.deviation else { return nil }
        self.init(
            place: RelativePlace(of: face, width: image.width, height: image.height), mean: mean, deviation: deviation,
            surroundings: LumaSum(of: image, in: wide, without: box).mean)
    }
}

extension RelativePlace {
    init(of face: FaceGeometry, width: Int, height: Int) {
        self.init(
            x: Double(face.x + face.width / 2) / Double(width), y: Double(face.y + face.height / 2) / Double(height),
            size: Double(face.height) / Double(height))
    }
}

extension FrameEvidence {
    /// Where the colour camera sees the face.
    var place: RelativePlace? { face.map { RelativePlace(of: $0, width: frameWidth, height: frameHeight) } }
}

extension Image {
    /// The box, larger by this share of it on every side, as far as it lies in the picture.
    fileprivate func region(of face: FaceGeometry, grownBy share: Float) -> PixelRegion {
        func clamped(_ position: Float, _ most: Int) -> Int { Int(max(min(position, Float(most)), 0)) }
        let (dx, dy) = (face.width * share, face.height * share)
        let (left, top) = (clamped(face.x - dx, width), clamped(face.y - dy, height))
        return PixelRegion(
            x: left, y: top, width: clamped(face.x + face.width + dx, width) - left,
            height: clamped(face.y + face.height + dy, height) - top)
    }
}

/// Luma over points that are evenly spread in a part of a picture; 64 columns and rows say as much as all pixels.
private struct LumaSum {
    private static let pointsInARow = 64
    private var count = 0
    private var sum = 0
    private var squares = 0

    init(of image: Image, in region: PixelRegion, without hole: PixelRegion? = nil) {
        guard region.width > 0, region.height > 0 else { return }
        let columns = stride(
            from: region.x, to: region.x + region.width, by: max(region.width / Self.pointsInARow, 1))
        for y in stride(from: region.y, to: region.y + region.height, by: max(region.height / Self.pointsInARow, 1)) {
            for x in columns where hole.map({ !$0.contains(x, y) }) ?? true {
                let at = 3 * (y * image.width + x)
                let (blue, green, red) = (
                    Int(image.pixels[at]), Int(image.pixels[at + 1]), Int(image.pixels[at + 2])
                )
                let luma = (29 * blue + 150 * green + 77 * red) >> 8
                count += 1
                sum += luma
                squares += luma * luma
            }
        }
    }

    var mean: Double? { count > 0 ? Double(sum) / Double(count) : nil }
    var deviation: Double? {
        mean.map { max(Double(squares) / Double(count) - $0 * $0, 0).squareRoot() }
    }
}

extension PixelRegion {
    fileprivate func contains(_ x: Int, _ y: Int) -> Bool {
        (self.x..<self.x + width).contains(x) && (self.y..<self.y + height).contains(y)
    }
}
