import EdgeCore

/// Reads the head's angles from the mesh's own three dimensions.
///
/// The mesh is already metric up to one scale, so no camera model is needed: the head's axes are read off pairs of points
/// that lie opposite each other, and made perpendicular.
enum HeadPoseSolver {
    // Image left, image right: outer eye corners, cheeks, mouth corners, inner eye corners.
    private static let sideways = [(33, 263), (234, 454), (61, 291), (133, 362)]
    // Upper, lower: forehead and chin, between the eyes and below the mouth.
    private static let upright = [(10, 152), (168, 18)]
    /// Where the line from chin to forehead leans on a head that looks straight ahead, degrees.
    private static let restingPitch: Float = -3
    /// The net draws heads too flat: with this much more depth, portraits at 15° and 45° read 15° and 45°.
    private static let depthGain: Float = 1.22

    /// The angles of a head whose crop lies level; roll is what the crop did not take out.
    static func pose(of mesh: [SIMD3<Float>]) -> HeadPose {
        let points = mesh.map { SIMD3($0.x, $0.y, $0.z * depthGain) }
        let right = axis(points, sideways)
        let rawDown = axis(points, upright)
        let down = (rawDown - right * (rawDown * right).sum()).normalized
        // Out of the picture, towards the back of the head.
        let back = cross(right, down)
        return HeadPose(
            yaw: degrees(y: -back.x, x: back.z),
            pitch: degrees(y: back.y, x: (back.x * back.x + back.z * back.z).squareRoot()) - restingPitch,
            roll: degrees(y: right.y, x: right.x))
    }

    private static func axis(_ points: [SIMD3<Float>], _ pairs: [(Int, Int)]) -> SIMD3<Float> {
        pairs.reduce(SIMD3<Float>()) { $0 + (points[$1.1] - points[$1.0]).normalized }.normalized
    }

    private static func cross(_ u: SIMD3<Float>, _ v: SIMD3<Float>) -> SIMD3<Float> {
        SIMD3(u.y * v.z - u.z * v.y, u.z * v.x - u.x * v.z, u.x * v.y - u.y * v.x)
    }
}

extension SIMD3<Float> {
    fileprivate var normalized: SIMD3<Float> {
        let size = length
        return size > 0 ? self / size : self
    }
}
