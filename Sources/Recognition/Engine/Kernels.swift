import CKernels
import EdgeCore

/// A part of a picture in whole pixels.
struct PixelRegion: Sendable, Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int
}

/// An affine map from target to source pixels: `sx = a·x + b·y + c`, `sy = d·x + e·y + f`.
struct PixelMap: Sendable, Equatable {
    var a: Double
    var b: Double
    var c: Double
    var d: Double
    var e: Double
    var f: Double

    /// Whether all numbers are of a size that pictures have.
    var isSensible: Bool { [a, b, c, d, e, f].allSatisfy { $0.magnitude < 1e6 } }

    /// How many source pixels one target pixel covers along a line.
    var scale: Double { (a * e - b * d).magnitude.squareRoot() }

    /// Where a target point lies in the source.
    func callAsFunction(_ x: Double, _ y: Double) -> (x: Double, y: Double) {
        (a * x + b * y + c, d * x + e * y + f)
    }
}

/// The order of the colour planes that a net reads.
enum ChannelOrder: Sendable {
    case bgr
    case rgb

    fileprivate var inC: ck_order { self == .bgr ? CK_ORDER_BGR : CK_ORDER_RGB }
}

/// How pixels between pixels are found.
enum ResizeFilter: Sendable {
    /// Two neighbours in each direction.
    case bilinear
    /// The mean over the covered area when shrinking.
    case area

    fileprivate var inC: ck_filter { self == .bilinear ? CK_FILTER_BILINEAR : CK_FILTER_AREA }
}

extension Image {
    /// Scales `region` into the upper left `width`×`height` pixels of a net's input; the rest is black.
    func resized(
        _ region: PixelRegion, width: Int, height: Int, canvas: (width: Int, height: Int), filter: ResizeFilter,
        order: ChannelOrder, scale: Float = 1
    ) throws(EdgeError) -> Tensor {
        let inC = ck_region(
            x: CInt(region.x), y: CInt(region.y), width: CInt(region.width), height: CInt(region.height))
        var status: CInt = -1
        let tensor = planes(width: canvas.width, height: canvas.height) { image, planes in
            status = ck_resize_to_planes(
                image, inC, CInt(width), CInt(height), filter.inC, order.inC, scale, planes)
        }
        guard status == 0 else { throw EdgeError(.recognitionFailed, "A picture cannot be scaled.") }
        return tensor
    }

    /// Fills a square net input through `map`; shrinks first where the map would skip pixels.
    func warped(by map: PixelMap, side: Int, order: ChannelOrder, scale: Float = 1) -> Tensor {
        let factor = map.isSensible ? Int(map.scale) : 1
        if factor >= 2, let (smaller, shifted) = shrunk(around: map, side: side, factor: factor) {
            return smaller.warped(by: shifted, side: side, order: order, scale: scale)
        }
        let numbers = [map.a, map.b, map.c, map.d, map.e, map.f]
        return planes(width: side, height: side) { image, planes in
            ck_warp_to_planes(image, numbers, order.inC, scale, planes)
        }
    }

    /// The part of the picture that `map` reads, `factor` times smaller, and the map into it.
    private func shrunk(around map: PixelMap, side: Int, factor: Int) -> (Image, PixelMap)? {
        let last = Double(side - 1)
        let corners = [map(0, 0), map(last, 0), map(0, last), map(last, last)]
        let margin = Double(factor * 2)
        let left = max(Int((corners.map(\.x).min() ?? 0) - margin), 0)
        let top = max(Int((corners.map(\.y).min() ?? 0) - margin), 0)
        let right = min(Int((corners.map(\.x).max() ?? 0) + margin), width)
        let bottom = min(Int((corners.map(\.y).max() ?? 0) + margin), height)
        guard right - left >= factor, bottom - top >= factor else { return nil }
        let region = ck_region(x: CInt(left), y: CInt(top), width: CInt(right - left), height: CInt(bottom - top))
        let (columns, rows) = ((right - left) / factor, (bottom - top) / factor)
        let bytes = pixels.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: 3 * columns * rows) { buffer, count in
                let image = ck_bgr_image(pixels: source.baseAddress, width: CInt(width), height: CInt(height))
                ck_shrink_bgr(image, region, CInt(factor), buffer.baseAddress)
                count = 3 * columns * rows
            }
        }
        // Pixel centres: the first box of `factor` pixels has its centre at (factor - 1) / 2.
        let size = Double(factor)
        let centre = (size - 1) / 2
        let shifted = PixelMap(
            a: map.a / size, b: map.b / size, c: (map.c - Double(left) - centre) / size,
            d: map.d / size, e: map.e / size, f: (map.f - Double(top) - centre) / size)
        return (Image(width: columns, height: rows, pixels: bytes), shifted)
    }

    private func planes(width columns: Int, height rows: Int, _ fill: (ck_bgr_image, ck_planes) -> Void) -> Tensor {
        let values = pixels.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: 3 * columns * rows) { buffer, count in
                fill(
                    ck_bgr_image(pixels: source.baseAddress, width: CInt(width), height: CInt(height)),
                    ck_planes(data: buffer.baseAddress, width: CInt(columns), height: CInt(rows)))
                count = 3 * columns * rows
            }
        }
        return Tensor(shape: [1, 3, rows, columns], values: values)
    }
}
