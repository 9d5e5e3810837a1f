import EdgeCore
import Testing

@testable import Recognition

@Suite("Pixel kernels")
struct KernelTests {
    /// Blue counts columns, green counts rows, red is 7.
    private let ramp: Image = {
        var pixels: [UInt8] = []
        for y in 0..<24 { for x in 0..<32 { pixels += [UInt8(4 * x), UInt8(4 * y), 7] } }
        return Image(width: 32, height: 24, pixels: pixels)
    }()
    private let whole = PixelRegion(x: 0, y: 0, width: 32, height: 24)

    private func value(_ tensor: Tensor, _ channel: Int, _ x: Int, _ y: Int) -> Float {
        tensor.values[(channel * tensor.shape[2] + y) * tensor.shape[3] + x]
    }

    @Test("at its own size a picture is only split into planes, in either order, and the rest is black")
    func splitsIntoPlanes() throws {
        let bgr = try ramp.resized(
            whole, width: 32, height: 24, canvas: (40, 32), filter: .area, order: .bgr)
        let rgb = try ramp.resized(
            whole, width: 32, height: 24, canvas: (40, 32), filter: .area, order: .rgb, scale: 0.5)
        #expect(bgr.shape == [1, 3, 32, 40])
        #expect(value(bgr, 0, 5, 9) == 20 && value(bgr, 1, 5, 9) == 36 && value(bgr, 2, 5, 9) == 7)
        #expect(value(rgb, 0, 5, 9) == 3.5 && value(rgb, 1, 5, 9) == 18 && value(rgb, 2, 5, 9) == 10)
        #expect(value(bgr, 2, 32, 0) == 0 && value(bgr, 2, 0, 24) == 0)
    }

    @Test("halving by area is the mean of four pixels; bilinear agrees exactly there")
    func halving() throws {
        for filter in [ResizeFilter.area, .bilinear] {
            let half = try ramp.resized(
                whole, width: 16, height: 12, canvas: (16, 12), filter: filter, order: .bgr)
            #expect(abs(value(half, 0, 3, 0) - 26) < 0.001)
            #expect(abs(value(half, 1, 0, 3) - 26) < 0.001)
        }
    }

    @Test("an area filter keeps the mean of a picture at any size")
    func areaKeepsTheMean() throws {
        for (width, height) in [(31, 23), (13, 7), (5, 3), (1, 1)] {
            let small = try ramp.resized(
                whole, width: width, height: height, canvas: (width, height), filter: .area, order: .bgr)
            let mean = small.values.prefix(width * height).reduce(0, +) / Float(width * height)
            #expect(abs(mean - 62) < 0.01)
        }
    }

    @Test("bilinear takes pixel centres at halves and stays inside of the region")
    func bilinearCentres() throws {
        let part = PixelRegion(x: 8, y: 4, width: 10, height: 10)
        let large = try ramp.resized(part, width: 20, height: 20, canvas: (20, 20), filter: .bilinear, order: .bgr)
        #expect(value(large, 0, 0, 5) == 32)
        #expect(abs(value(large, 0, 4, 5) - (32 + 4 * 1.75)) < 0.001)
        #expect(value(large, 0, 19, 5) == 68)
    }

    @Test("a region outside of the picture is an error")
    func regionOutside() {
        for region in [
            PixelRegion(x: -1, y: 0, width: 4, height: 4), PixelRegion(x: 30, y: 0, width: 4, height: 4),
            PixelRegion(x: 0, y: 0, width: 0, height: 4),
        ] {
            let error = #expect(throws: EdgeError.self) {
                try ramp.resized(region, width: 4, height: 4, canvas: (4, 4), filter: .area, order: .bgr)
            }
            #expect(error?.code == .recognitionFailed)
        }
    }

    @Test("a warp reads between pixels and is black outside")
    func warpReadsBetweenPixels() {
        let map = PixelMap(a: 0.5, b: 0, c: 3.25, d: 0, e: 0.5, f: 2)
        let warped = ramp.warped(by: map, side: 8, order: .bgr)
        #expect(abs(value(warped, 0, 0, 0) - 13) < 0.05)
        #expect(abs(value(warped, 0, 1, 0) - 15) < 0.05)
        #expect(abs(value(warped, 1, 0, 3) - 14) < 0.05)
        let outside = ramp.warped(by: PixelMap(a: 1, b: 0, c: -100, d: 0, e: 1, f: 0), side: 8, order: .bgr)
        #expect(outside.values.allSatisfy { $0 == 0 })
    }

    @Test("at the rim the outside counts as black")
    func warpRim() {
        let half = ramp.warped(by: PixelMap(a: 1, b: 0, c: -0.5, d: 0, e: 1, f: 0), side: 4, order: .bgr)
        #expect(abs(value(half, 2, 0, 0) - 3.5) < 0.01)
        #expect(abs(value(half, 2, 1, 0) - 7) < 0.01)
    }

    @Test("a map with no sensible numbers gives a black picture, not a crash")
    func senselessMap() {
        for bad in [Double.nan, .infinity, 1e300] {
            let map = PixelMap(a: 0.5, b: 0, c: bad, d: 0, e: 0.5, f: 0)
            #expect(ramp.warped(by: map, side: 4, order: .bgr).values.allSatisfy { $0 == 0 })
        }
    }

    @Test("a warp that shrinks much takes the mean first and lands on the same place")
    func shrinkingWarp() {
        var pixels: [UInt8] = []
        for y in 0..<200 { for x in 0..<200 { pixels += [UInt8(x), UInt8(y), (x + y) % 2 == 0 ? 255 : 0] } }
        let picture = Image(width: 200, height: 200, pixels: pixels)
        let map = PixelMap(a: 4, b: 0, c: 21.5, d: 0, e: 4, f: 33.5)
        let warped = picture.warped(by: map, side: 32, order: .bgr)
        #expect(abs(value(warped, 0, 10, 10) - 61.5) < 0.6)
        #expect(abs(value(warped, 1, 10, 10) - 73.5) < 0.6)
        // A checkerboard has no business in a smaller picture: its mean has.
        #expect(abs(value(warped, 2, 10, 10) - 127.5) < 1)
    }
}
