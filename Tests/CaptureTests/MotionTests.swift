import EdgeCore
import Testing

@testable import Capture

/// Drawn scenes.
enum Scene {
    /// The picture with a rectangle of one tone in it.
    static func with(_ image: Image, patch columns: Range<Int>, _ rows: Range<Int>, tone: UInt8) -> Image {
        var pixels = image.pixels
        for y in rows {
            for x in columns { for channel in 0..<3 { pixels[3 * (y * image.width + x) + channel] = tone } }
        }
        return Image(width: image.width, height: image.height, pixels: pixels)
    }

    /// A room of fields from dark to bright, each as `change` makes it.
    static func grid(_ change: (_ column: Int, _ row: Int, _ luma: Int) -> Int = { $2 }) throws -> LumaGrid {
        let points = (0..<LumaGrid.rows).flatMap { row in
            (0..<LumaGrid.columns).map { column in
                UInt8(clamping: change(column, row, 60 + 3 * column + row))
            }
        }
        return try #require(LumaGrid(points: points, width: LumaGrid.columns, height: LumaGrid.rows))
    }

    /// Whether a field belongs to somebody who stands at `left`.
    static func isVisitor(_ column: Int, _ row: Int, left: Int) -> Bool {
        (left..<left + 6).contains(column) && row >= 8
    }
}

/// A camera's watch over a drawn room.
private final class Door {
    var watch = MotionWatch(framesPerSecond: 2)

    /// Whether something moves when the room looks like this.
    func sees(_ change: (_ column: Int, _ row: Int, _ luma: Int) -> Int = { $2 }) throws -> Bool {
        watch.saw(try Scene.grid(change))
    }

    /// After it has seen the empty room for some time.
    static func settled() throws -> Door {
        let door = Door()
        for _ in 0..<20 { _ = try door.sees() }
        return door
    }
}

@Suite("Movement before a camera")
struct MotionWatchTests {
    @Test("is somebody who comes in, and no longer somebody who has stood there for minutes")
    func visitor() throws {
        let door = try Door.settled()
        var seen = 0
        while try door.sees({ Scene.isVisitor($0, $1, left: 10) ? 40 : $2 }) {
            seen += 1
            try #require(seen < 400, "whoever stands still becomes part of the room")
        }
        #expect(seen > 20, "but not at once")
        #expect(try door.sees { Scene.isVisitor($0, $1, left: 20) ? 30 : $2 }, "a step is movement")
    }

    @Test("is not what a sensor's noise does")
    func noise() throws {
        let door = Door()
        var random = SeededNumbers(seed: 1)
        for _ in 0..<500 { #expect(try !door.sees { $2 + Int.random(in: -6...6, using: &random) }) }
    }

    @Test("is not dusk, a cloud, or a lamp that flickers over everything")
    func light() throws {
        let door = try Door.settled()
        for step in 0..<100 { #expect(try !door.sees { $2 - step / 2 }, "dusk") }
        for step in 0..<60 { #expect(try !door.sees { $2 - 50 + (step % 2 == 0 ? 35 : 0) }, "a lamp") }
    }

    @Test("is not a lamp that lights each thing otherwise, but whoever switched it on is seen")
    func lamp() throws {
        let door = try Door.settled()
        let lit = { (column: Int, luma: Int) in luma + 60 - 7 * (column - 16) }
        #expect(try !door.sees { column, _, luma in lit(column, luma) })
        #expect(try door.sees { Scene.isVisitor($0, $1, left: 3) ? 20 : lit($0, $2) })
    }

    @Test("is soon not what never rests, and still whoever walks by it")
    func restless() throws {
        let door = try Door.settled()
        // A screen in the background.
        let screen = { (step: Int, column: Int, row: Int, luma: Int) in
            column < 6 && row < 6 && step % 2 == 0 ? luma + 18 : luma
        }
        var told = 0
        for step in 0..<200 where try door.sees({ screen(step, $0, $1, $2) }) { told += 1 }
        #expect(told < 20, "\(told) of 200")
        for step in 200..<210 { #expect(try !door.sees { screen(step, $0, $1, $2) }) }
        #expect(try door.sees { Scene.isVisitor($0, $1, left: 12) ? 30 : screen(210, $0, $1, $2) })
    }

    @Test("is not looked for more often than configured, nor against what was before somebody read")
    func looks() throws {
        var watch = MotionWatch(framesPerSecond: 2)
        let start = FrameClock().now
        let looks = (0..<300).filter { watch.isDue(at: start.advanced(by: .milliseconds(33 * $0))) }
        #expect((18...21).contains(looks.count), "\(looks.count) in ten seconds")
        let later = start.advanced(by: .seconds(20))
        let isDue = watch.isDue(at: later)
        #expect(isDue && watch.left(at: later) == .milliseconds(500))
        let door = try Door.settled()
        door.watch.begins()
        #expect(door.watch.left(at: later) == .zero)
        #expect(try !door.sees { Scene.isVisitor($0, $1, left: 10) ? 40 : $2 })
    }
}

@Suite("A picture as a few hundred fields")
struct LumaGridTests {
    private let picture = Scene.with(
        Image(width: 640, height: 480, pixels: .init(repeating: 60, count: 3 * 640 * 480)), patch: 320..<640,
        0..<240, tone: 200)

    private func expectIsPicture(_ grid: LumaGrid?, _ what: String) throws {
        let cells = try #require(grid).cells
        #expect(cells.count == LumaGrid.columns * LumaGrid.rows)
        for (index, cell) in cells.enumerated() {
            let isBright = index % LumaGrid.columns >= 16 && index / LumaGrid.columns < 12
            #expect(abs(cell - (isBright ? 200 : 60)) < 12, "\(what): field \(index) is \(cell)")
        }
    }

    @Test("is the same whatever format a camera gives")
    func formats() throws {
        let luma: [UInt8] = stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
        let packed: [UInt8] = luma.flatMap { [$0, UInt8(128)] }
        let raw: [(ImageEncoding, Int, [UInt8])] = [
            (.grey, 640, luma), (.nv12, 640, luma + [UInt8](repeating: 128, count: 640 * 240)), (.yuyv, 1280, packed),
            (.bgr, 1920, picture.pixels), (.jpeg, 0, try Pictures.jpeg(picture)),
        ]
        for (encoding, stride, bytes) in raw {
            let image = EncodedImage(encoding: encoding, width: 640, height: 480, stride: stride, bytes: bytes)
            try expectIsPicture(LumaGrid(of: image), encoding.rawValue)
        }
    }

    @Test("is none of what is cut off, tiny, or no picture of a camera")
    func none() throws {
        let jpeg = try Pictures.jpeg(picture)
        let wrong = [
            EncodedImage(encoding: .jpeg, width: 640, height: 480, bytes: Array(jpeg.prefix(100))),
            EncodedImage(encoding: .jpeg, width: 320, height: 480, bytes: jpeg),
            EncodedImage(encoding: .grey, width: 640, height: 480, stride: 640, bytes: [1, 2, 3]),
            EncodedImage(encoding: .grey, width: 16, height: 16, stride: 16, bytes: .init(repeating: 9, count: 256)),
            EncodedImage(encoding: .png, width: 640, height: 480, bytes: jpeg),
        ]
        for image in wrong { #expect(LumaGrid(of: image) == nil, "\(image.encoding) \(image.bytes.count)") }
    }
}
