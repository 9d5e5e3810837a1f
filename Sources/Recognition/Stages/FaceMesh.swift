import EdgeCore

/// What the face mesh says about a face.
struct MeshReading: Sendable {
    /// 468 points in pixels of the picture; `z` towards the back of the head, in the same unit.
    var points: [SIMD3<Float>]
    /// How sure the net is that the crop holds a face, 0…1.
    var presence: Float
    /// What the head does.
    var pose: HeadPose
    /// Mean of both eyes; `nil` without the net that sees the lids.
    var eyeAspectRatio: Float?

    /// The share of the points for which `condition` holds, 0…1.
    func share(_ condition: (SIMD3<Float>) -> Bool) -> Float {
        Float(points.count(where: condition)) / Float(max(points.count, 1))
    }

    /// The same reading in a picture of another size.
    func scaled(_ factor: Float) -> MeshReading {
        var reading = self
        reading.points = points.map { $0 * factor }
        return reading
    }
}

/// Finds 468 points on a face with the MediaPipe mesh.
struct FaceMesh: Sendable {
    private static let side = 192
    private static let pointCount = 468
    /// The crop's side against the longer side of the box.
    private static let margin: Float = 1.5

    private static let outputShapes = [[1, 1, 1, 3 * pointCount], [1, 1, 1, 1]]

    private let session: OnnxSession

    /// Wraps the loaded net.
    init(session: OnnxSession) { self.session = session }

    /// The net alone.
    var bare: BareNet {
        BareNet(
            id: NetLoader.mesh, session: session, input: [1, 3, Self.side, Self.side], outputs: Self.outputShapes,
            range: 1)
    }

    /// Reads a face; the crop is turned so that the eyes lie level.
    func reading(of face: FaceGeometry, in image: Image) throws(EdgeError) -> MeshReading {
        let (left, right) = (face.landmarks[0], face.landmarks[1])
        let tilt = degrees(y: right.y - left.y, x: right.x - left.x)
        let map = Self.map(to: face, tilt: tilt)
        let input = image.warped(by: map, side: Self.side, order: .rgb, scale: 1 / 255)
        let output = try session.run(input, outputShapes: Self.outputShapes)
        let crop = (0..<Self.pointCount).map { index in
            SIMD3(output.values[3 * index], output.values[3 * index + 1], output.values[3 * index + 2])
        }
        var pose = HeadPoseSolver.pose(of: crop)
        pose.roll += tilt
        let scale = Float(map.scale)
        let points = crop.map { point in
            let (x, y) = map(Double(point.x), Double(point.y))
            return SIMD3(Float(x), Float(y), point.z * scale)
        }
        return MeshReading(
            points: points, presence: logistic(output.values[3 * Self.pointCount]), pose: pose, eyeAspectRatio: nil)
    }

    /// The map from crop to frame pixels: a square around the box's centre, turned by `tilt` degrees.
    static func map(to face: FaceGeometry, tilt: Float) -> PixelMap {
        let step = Double(max(face.width, face.height) * margin) / Double(side)
        let angle = Double(tilt) * .pi / 180
        let (a, d) = (cosine(angle) * step, sine(angle) * step)
        let half = Double(side - 1) / 2
        let centreX = Double(face.x + face.width / 2)
        let centreY = Double(face.y + face.height / 2)
        return PixelMap(
            a: a, b: -d, c: centreX - a * half + d * half, d: d, e: a, f: centreY - d * half - a * half)
    }
}

extension SIMD3<Float> {
    /// The Euclidean length.
    var length: Float { (self * self).sum().squareRoot() }
}
