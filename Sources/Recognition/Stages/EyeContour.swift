import EdgeCore

/// Says how far the eyes are open, from the contour of the lids.
///
/// The face mesh alone does not: its lids stay apart when the eyes close. This net looks at each eye from close by.
struct EyeContour: Sendable {
    private static let side = 64
    private static let outputShapes = [[1, 213]]
    /// The crop's side against the distance between the eye's corners.
    private static let margin = 2.3
    // Pairs of lower and upper lid, then the corners, of the net's contour.
    private static let lids = [(3, 11), (4, 12), (5, 13)]
    private static let corners = (0, 8)
    // Outer and inner corner in the mesh; the net knows the eye at image left, the other one is mirrored.
    private static let imageLeft = (outer: 33, inner: 133)
    private static let imageRight = (outer: 263, inner: 362)

    private let session: OnnxSession

    /// Wraps the loaded net.
    init(session: OnnxSession) { self.session = session }

    /// The net alone; it runs once for each eye.
    var bare: BareNet {
        BareNet(
            id: NetLoader.eyes, session: session, input: [1, 3, Self.side, Self.side], outputs: Self.outputShapes,
            range: 1)
    }

    /// Lid distance against corner distance, mean of both eyes: about 0.25 open, below 0.13 closed.
    func aspectRatio(of mesh: MeshReading, in image: Image) throws(EdgeError) -> Float {
        let left = try ratio(mesh.points, Self.imageLeft, isMirrored: false, image)
        let right = try ratio(mesh.points, Self.imageRight, isMirrored: true, image)
        return (left + right) / 2
    }

    private func ratio(
        _ points: [SIMD3<Float>], _ eye: (outer: Int, inner: Int), isMirrored: Bool, _ image: Image
    ) throws(EdgeError) -> Float {
        let map = Self.map(outer: points[eye.outer], inner: points[eye.inner], isMirrored: isMirrored)
        let input = image.warped(by: map, side: Self.side, order: .rgb, scale: 1 / 255)
        let contour = try session.run(input, outputShapes: Self.outputShapes).values
        func distance(_ one: Int, _ other: Int) -> Float {
            let (dx, dy) = (contour[3 * one] - contour[3 * other], contour[3 * one + 1] - contour[3 * other + 1])
            return (dx * dx + dy * dy).squareRoot()
        }
        let width = distance(Self.corners.0, Self.corners.1)
        guard width > 0 else { return 0 }
        return Self.lids.reduce(0) { $0 + distance($1.0, $1.1) } / (Float(Self.lids.count) * width)
    }

    /// The map from crop to picture: a level square around the eye, its outer corner on the left.
    static func map(outer: SIMD3<Float>, inner: SIMD3<Float>, isMirrored: Bool) -> PixelMap {
        let (dx, dy) = (Double(inner.x - outer.x), Double(inner.y - outer.y))
        let step = margin / Double(side)
        let half = Double(side - 1) / 2
        // Across the eye, and down: a quarter turn, the other way round for the mirrored eye.
        let (a, d) = (dx * step, dy * step)
        let (b, e) = isMirrored ? (d, -a) : (-d, a)
        return PixelMap(
            a: a, b: b, c: Double(outer.x + inner.x) / 2 - (a + b) * half,
            d: d, e: e, f: Double(outer.y + inner.y) / 2 - (d + e) * half)
    }
}
