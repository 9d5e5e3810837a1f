import EdgeCore

/// How bright a picture is and how much is to be seen in it, over points that are evenly spread.
struct Brightness: Equatable {
    /// The mean of all points, 0 (black) to 255.
    let mean: Double
    /// Their standard deviation: a picture of one tone has none.
    let deviation: Double

    /// Of points whose luma is known; `nil` without any.
    init?(of points: some Sequence<Int>) {
        var (count, sum, squares) = (0, 0, 0)
        for point in points {
            count += 1
            sum += point
            squares += point * point
        }
        guard count > 0 else { return nil }
        mean = Double(sum) / Double(count)
        deviation = max(Double(squares) / Double(count) - mean * mean, 0).squareRoot()
    }

    /// Of a camera's picture of this form as its driver gave it; `nil` when it cannot be read.
    init?(
        lent bytes: UnsafeRawBufferPointer, _ form: EncodedImage, by reader: any LightReader = TurboImageDecoder()
    ) {
        if form.encoding == .jpeg {
            guard let points = try? reader.tinyGrey(bytes) else { return nil }
            self.init(of: points.lazy.map { Int($0) })
            return
        }
        guard let needed = RawPicture.bytesNeeded(form), bytes.count >= needed else { return nil }
        let columns = stride(from: 0, to: form.width, by: max(form.width / Self.pointsInARow, 1))
        let rows = stride(from: 0, to: form.height, by: max(form.height / Self.pointsInARow, 1))
        self.init(
            of: rows.lazy.flatMap { y in
                columns.lazy.map { x in RawPicture.luma(bytes, form, row: form.stride * y, x: x) }
            })
    }

    /// About as many columns and rows are looked at.
    private static let pointsInARow = 64
}

extension Brightness {
    /// Whether next to nothing is to be seen: it is dark, or of one tone.
    ///
    /// Such a picture may well be the same to the last bit each time, from a camera that is well.
    var showsNothing: Bool { mean <= 32 && deviation <= 8 || deviation <= 3 }

    /// Whether something is to be seen for certain; between the two nothing is said.
    var showsSomething: Bool { (mean > 40 || deviation > 12) && deviation > 5 }
}

/// Makes a small grey picture of a camera's JPEG where it lies; blocks as long as that takes.
protocol LightReader: Sendable {
    /// The luma of every eighth column and row, about.
    func tinyGrey(_ jpeg: UnsafeRawBufferPointer) throws(EdgeError) -> [UInt8]
}
