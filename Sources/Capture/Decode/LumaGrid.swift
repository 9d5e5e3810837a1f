import EdgeCore

/// A picture as a few hundred fields, each with its mean luma: enough to see that something moves, and no more.
struct LumaGrid: Equatable {
    static let columns = 32
    static let rows = 24

    /// Row by row, 0…255 each.
    let cells: [Float]

    /// Of points whose luma is known, row by row; `nil` when they are fewer than the fields.
    init?(points: [UInt8], width: Int, height: Int) {
        guard width >= Self.columns, height >= Self.rows, points.count == width * height else { return nil }
        let column = (0..<width).map { $0 * Self.columns / width }
        var sums = [Int](repeating: 0, count: Self.columns * Self.rows)
        var counts = sums
        for y in 0..<height {
            let field = y * Self.rows / height * Self.columns
            for x in 0..<width {
                sums[field + column[x]] += Int(points[y * width + x])
                counts[field + column[x]] += 1
            }
        }
        cells = zip(sums, counts).map { Float($0) / Float($1) }
    }

    /// Of a camera's picture of this form as its driver gave it; `nil` when it cannot be read or is tiny.
    init?(
        lent bytes: UnsafeRawBufferPointer, _ form: EncodedImage, by reader: any LightReader = TurboImageDecoder()
    ) {
        if form.encoding == .jpeg {
            guard let points = try? reader.tinyGrey(bytes) else { return nil }
            self.init(points: points, width: (form.width + 7) / 8, height: (form.height + 7) / 8)
            return
        }
        guard let needed = RawPicture.bytesNeeded(form), bytes.count >= needed else { return nil }
        // About as many points as of a JPEG, two or three a field and direction.
        let columns = stride(from: 0, to: form.width, by: max(form.width / (3 * Self.columns), 1))
        let rows = stride(from: 0, to: form.height, by: max(form.height / (3 * Self.rows), 1))
        var points: [UInt8] = []
        var (width, height) = (0, 0)
        for y in rows {
            height += 1
            for x in columns {
                points.append(UInt8(clamping: RawPicture.luma(bytes, form, row: form.stride * y, x: x)))
            }
        }
        width = points.count / max(height, 1)
        self.init(points: points, width: width, height: height)
    }

    /// Of a picture of footage.
    init?(of image: EncodedImage) {
        guard let grid = image.bytes.withUnsafeBytes({ LumaGrid(lent: $0, image) }) else { return nil }
        self = grid
    }
}
