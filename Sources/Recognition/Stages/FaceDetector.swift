import EdgeCore

/// Finds faces with YuNet.
struct FaceDetector: Sendable {
    /// The longer side that a picture is brought to, pixels; the net was trained for faces of 10 to 300 pixels.
    static let longSide = 320
    /// Below this a finding is no face.
    static let minimumScore: Float = 0.6
    /// Two boxes that overlap more than this are one face.
    static let maximumOverlap: Float = 0.3

    private static let strides = [8, 16, 32]
    private static let maximumBox: Float = 4096
    private let session: OnnxSession

    /// Wraps the loaded net.
    init(session: OnnxSession) { self.session = session }

    /// All faces in pixels of `image`, the largest first.
    func faces(in image: Image, longSide: Int = Self.longSide) throws(EdgeError) -> [FaceGeometry] {
        let (width, height) = Self.size(of: (image.width, image.height), longSide: longSide)
        let canvas = (width: Self.padded(width), height: Self.padded(height))
        let whole = PixelRegion(x: 0, y: 0, width: image.width, height: image.height)
        let input = try image.resized(
            whole, width: width, height: height, canvas: canvas, filter: .area, order: .bgr)
        let output = try session.run(input, outputShapes: Self.outputShapes(canvas))
        let found = Self.strides.enumerated().flatMap { index, stride in
            Self.decode(output, level: index, stride: stride, columns: canvas.width / stride)
        }
        let scaleX = Float(image.width) / Float(width)
        let scaleY = Float(image.height) / Float(height)
        return Self.withoutOverlaps(found).map { $0.scaled(x: scaleX, y: scaleY) }
            .sorted { $0.width * $0.height > $1.width * $1.height }
    }

    /// The net alone, on what it gets for a picture of this size.
    func bare(width: Int, height: Int, longSide: Int) -> BareNet {
        let size = Self.size(of: (width, height), longSide: longSide)
        let canvas = (width: Self.padded(size.width), height: Self.padded(size.height))
        return BareNet(
            id: NetLoader.detector, session: session, input: [1, 3, canvas.height, canvas.width],
            outputs: Self.outputShapes(canvas), range: 255)
    }

    private static func size(of picture: (width: Int, height: Int), longSide: Int) -> (width: Int, height: Int) {
        let ratio = Double(longSide) / Double(max(picture.width, picture.height))
        return (
            width: max(Int((Double(picture.width) * ratio).rounded()), 1),
            height: max(Int((Double(picture.height) * ratio).rounded()), 1)
        )
    }

    private static func padded(_ length: Int) -> Int { (length + 31) / 32 * 32 }

    // The net's outputs: class, objectness, box and points, each at three strides.
    private static func outputShapes(_ canvas: (width: Int, height: Int)) -> [[Int]] {
        [1, 1, 4, 10].flatMap { numbers in
            strides.map { [1, (canvas.width / $0) * (canvas.height / $0), numbers] }
        }
    }

    private static func decode(_ output: TensorBlock, level: Int, stride: Int, columns: Int) -> [FaceGeometry] {
        let (classes, objects) = (output.ranges[level], output.ranges[level + 3])
        let (boxes, points) = (output.ranges[level + 6], output.ranges[level + 9])
        let size = Float(stride)
        return output.values.withUnsafeBufferPointer { values in
            var found: [FaceGeometry] = []
            for cell in 0..<classes.count {
                let probability = clamp(values[classes.lowerBound + cell]) * clamp(values[objects.lowerBound + cell])
                // Compares squares: a root for every cell costs more than the rest of the loop.
                guard probability >= minimumScore * minimumScore else { continue }
                let (column, row) = (Float(cell % columns), Float(cell / columns))
                let box = boxes.lowerBound + 4 * cell
                let width = exponential(values[box + 2]) * size
                let height = exponential(values[box + 3]) * size
                let point = points.lowerBound + 10 * cell
                // A net that was fed nonsense may answer with any number.
                guard width > 0, height > 0, width < maximumBox, height < maximumBox,
                    (box..<box + 2).allSatisfy({ abs(values[$0]) < maximumBox }),
                    (point..<point + 10).allSatisfy({ abs(values[$0]) < maximumBox })
                else { continue }
                let landmarks = (0..<5).map { index in
                    Point(
                        x: (values[point + 2 * index] + column) * size,
                        y: (values[point + 2 * index + 1] + row) * size)
                }
                found.append(
                    FaceGeometry(
                        x: (column + values[box]) * size - width / 2, y: (row + values[box + 1]) * size - height / 2,
                        width: width, height: height, landmarks: landmarks, score: probability.squareRoot()))
            }
            return found
        }
    }

    private static func clamp(_ value: Float) -> Float { min(max(value, 0), 1) }

    /// Keeps the best of every heap of overlapping boxes.
    static func withoutOverlaps(_ faces: [FaceGeometry]) -> [FaceGeometry] {
        var kept: [FaceGeometry] = []
        for face in faces.sorted(by: { $0.score > $1.score })
        where kept.allSatisfy({ overlap($0, face) <= maximumOverlap }) {
            kept.append(face)
        }
        return kept
    }

    /// Shared area against joint area, 0…1.
    static func overlap(_ one: FaceGeometry, _ other: FaceGeometry) -> Float {
        let width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        let height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        guard width > 0, height > 0 else { return 0 }
        let shared = width * height
        return shared / (one.width * one.height + other.width * other.height - shared)
    }
}

extension FaceGeometry {
    /// The same face in a picture of another size.
    func scaled(x scaleX: Float, y scaleY: Float) -> FaceGeometry {
        FaceGeometry(
            x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY,
            landmarks: landmarks.map { Point(x: $0.x * scaleX, y: $0.y * scaleY) }, score: score)
    }
}
