import EdgeCore

/// Turns, scales and shifts a face so that its five points lie where the embedder expects them.
enum FaceAligner {
    /// Side of the aligned picture, pixels.
    static let side = 112
    /// Where the five points belong.
    static let target: [Point] = [
        Point(x: 38.2946, y: 51.6963), Point(x: 73.5318, y: 51.5014), Point(x: 56.0252, y: 71.7366),
        Point(x: 41.5493, y: 92.3655), Point(x: 70.7299, y: 92.2041),
    ]

    /// The aligned face in RGB, 0…255.
    static func align(_ face: FaceGeometry, in image: Image) -> Tensor {
        image.warped(by: map(to: face.landmarks), side: side, order: .rgb)
    }

    /// The map from the aligned picture to the frame: the least-squares similarity between target and found points.
    ///
    /// Solved from frame to target, as the reference does, then inverted: the two directions weigh errors differently.
    static func map(to points: [Point]) -> PixelMap {
        let count = Double(points.count)
        let meanX = points.reduce(0) { $0 + Double($1.x) } / count
        let meanY = points.reduce(0) { $0 + Double($1.y) } / count
        let targetX = target.reduce(0) { $0 + Double($1.x) } / count
        let targetY = target.reduce(0) { $0 + Double($1.y) } / count
        var (along, across, spread) = (0.0, 0.0, 0.0)
        for (found, wanted) in zip(points, target) {
            let (x, y) = (Double(found.x) - meanX, Double(found.y) - meanY)
            let (u, v) = (Double(wanted.x) - targetX, Double(wanted.y) - targetY)
            along += x * u + y * v
            across += x * v - y * u
            spread += x * x + y * y
        }
        // Points that fall together have no similarity; a map that reads one pixel is harmless.
        guard spread > 0, along * along + across * across > 0 else {
            return PixelMap(a: 0, b: 0, c: meanX, d: 0, e: 0, f: meanY)
        }
        let (cosine, sine) = (along / spread, across / spread)
        let norm = cosine * cosine + sine * sine
        let (a, b) = (cosine / norm, sine / norm)
        return PixelMap(
            a: a, b: b, c: meanX - a * targetX - b * targetY,
            d: -b, e: a, f: meanY + b * targetX - a * targetY)
    }
}
