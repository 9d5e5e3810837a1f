public import EdgeCore
public import Logging
import Dispatch
import Synchronization

/// Has JPEG, PNG and WebP decoded by another process, which has neither network nor devices, files nor keys.
///
/// Any number of threads may use it at a time. A call blocks as long as the decoding takes, and at most some seconds. Headers
/// are read here, in Swift; rows of raw cameras, which nobody parses, are converted here too. There is no way back into this
/// process: without the worker there is no picture.
public final class IsolatedImageDecoder: ImageDecoder {
    /// What it has done.
    public struct Figures: Sendable, Equatable {
        /// Pictures that were decoded, or found damaged.
        public var pictures: UInt64 = 0
        /// Pictures at which the worker ended, hung or was not reached.
        public var failures: UInt64 = 0
    }

    private struct State {
        var idle: [DecoderLink] = []
        var health = DecoderHealth()
        var figures = Figures()
    }

    /// Connections that wait for the next picture; more are made when more pictures come at once, and closed after them.
    private static let mostIdle = 16

    private let state = Mutex(State())
    private let limits: ImageLimits
    private let patience: @Sendable (_ pixels: Int) -> Duration
    private let connect: @Sendable () throws(DecoderFault) -> CInt
    private let board: HealthBoard
    private let log: Logger

    /// Prepares a decoder behind the listening socket at `path`; nothing is connected before the first picture.
    public convenience init(socket path: String, health: HealthBoard, log: Logger) {
        self.init(health: health, log: log) { () throws(DecoderFault) in try MessageSocket.connect(to: path) }
    }

    /// With a socket from elsewhere, connected, which is taken over.
    init(
        limits: ImageLimits = ImageLimits(), health: HealthBoard = HealthBoard(), log: Logger,
        patience: @escaping @Sendable (_ pixels: Int) -> Duration = { DecoderPatience.limit(pixels: $0) },
        connect: @escaping @Sendable () throws(DecoderFault) -> CInt
    ) {
        self.limits = limits
        self.patience = patience
        self.connect = connect
        board = health
        self.log = log
    }

    /// What it has done since it was made.
    public var figures: Figures { state.withLock { $0.figures } }

    /// Reads the header of a JPEG, PNG or WebP file and checks its size, in Swift alone.
    public func inspect(_ bytes: [UInt8]) throws(EdgeError) -> EncodedImage { try limits.inspect(bytes) }

    /// Has it decoded to BGR.
    ///
    /// Throws `decoder.unavailable` and `decoder.failed` beside the errors of the port.
    public func decode(_ image: EncodedImage, scale: DecodeScale) throws(EdgeError) -> Image {
        try image.bytes.withUnsafeBufferPointer { bytes throws(EdgeError) in
            let work = try PictureWork(image, bytes, limits, scale)
            guard !image.encoding.isRaw else { return try work.image() }
            var order = DecodeRequest(number: 0, work: .pixels, encoding: image.encoding, size: work.size)
            order.scale = scale
            let pixels = try have(order, bytes, pixels: limits.pixels(of: image))
            return Image(width: work.size.width, height: work.size.height, pixels: pixels)
        }
    }

    /// Asks whether the worker is there: at the start, and while it was not; until it is cancelled.
    public func run() async throws {
        while true {
            if !state.withLock({ $0.health.isProven }) { await greetElsewhere() }
            try await Task.sleep(for: .seconds(5))
        }
    }

    /// On one of Dispatch's threads: a worker that hangs must hold none of Swift's.
    private func greetElsewhere() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            DispatchQueue.global(qos: .utility).async { [self] in
                greet()
                done.resume()
            }
        }
    }

    /// What keeps it from answering is on the health board.
    func greet() {
        let order = DecodeRequest(number: 0, work: .greeting)
        _ = try? have(order, PictureBytes(start: nil, count: 0), pixels: 0)
    }
}

extension IsolatedImageDecoder: LightReader {
    func tinyGrey(_ jpeg: UnsafeRawBufferPointer) throws(EdgeError) -> [UInt8] {
        let bytes = jpeg.bindMemory(to: UInt8.self)
        let limits = ImageLimits(maximumPixels: TurboDecompressor.mostPixels, minimumSide: 1)
        let size = try JPEGPicture(bytes).check(limits).storedSize
        let order = DecodeRequest(number: 0, work: .grey, encoding: .jpeg, size: size.eighth)
        return try have(order, bytes, pixels: size.width * size.height)
    }
}

/// The way to the worker and back.
extension IsolatedImageDecoder {
    /// Has the worker do `order`; what it has made.
    private func have(
        _ order: DecodeRequest, _ bytes: PictureBytes, pixels: Int, isSecond: Bool = false
    ) throws(EdgeError) -> [UInt8] {
        let link = try link()
        let outcome: DecodeAnswer.Outcome
        let made: [UInt8]
        do throws(DecoderFault) {
            outcome = try link.ask(order, bytes, within: patience(pixels))
            made = outcome == .done && order.outputCount > 0 ? try link.take(order.outputCount) : []
        } catch {
            // One that ended between two pictures says nothing of this one.
            if error == .away, !link.isFresh, !isSecond {
                leave(link.generation)
                return try have(order, bytes, pixels: pixels, isSecond: true)
            }
            throw failed(error, link.generation, isPicture: order.work != .greeting)
        }
        giveBack(link, isPicture: order.work != .greeting)
        if let error = outcome.error { throw error }
        return made
    }

    private func link() throws(EdgeError) -> DecoderLink {
        let now = FrameClock().now
        let (mayAsk, idle, generation) = state.withLock { state in
            let mayAsk = state.health.mayAsk(at: now)
            return (mayAsk, mayAsk ? state.idle.popLast() : nil, state.health.generation)
        }
        guard mayAsk else {
            state.withLock { $0.figures.failures += 1 }
            throw EdgeError(
                .decoderUnavailable, "The isolated decoder has failed and is given a moment.", retryAfter: .seconds(1))
        }
        if let idle { return idle }
        do throws(DecoderFault) {
            return DecoderLink(MessageSocket(taking: try connect()), generation: generation)
        } catch {
            throw failed(error, generation, isPicture: true)
        }
    }

    private func giveBack(_ link: DecoderLink, isPicture: Bool) {
        let over = state.withLock { state in
            if isPicture { state.figures.pictures += 1 }
            let over = state.health.answered(link.generation)
            if link.generation == state.health.generation, state.idle.count < Self.mostIdle, !link.isTooLargeToKeep {
                state.idle.append(link)
            }
            return over
        }
        guard let over else { return }
        board.clear(over.rawValue)
        log.notice("The isolated decoder answers again")
    }

    /// A worker has ended while nobody asked it: the others of its connections lead nowhere either.
    private func leave(_ generation: Int) {
        let left = state.withLock { state -> [DecoderLink] in
            guard state.health.left(generation) else { return [] }
            defer { state.idle = [] }
            return state.idle
        }
        // Closed outside of the lock.
        _ = left
    }

    private func failed(_ fault: DecoderFault, _ generation: Int, isPicture: Bool) -> EdgeError {
        let now = FrameClock().now
        let error = fault.error
        let (failure, left) = state.withLock { state -> (Recovery.Failure?, [DecoderLink]) in
            if isPicture { state.figures.failures += 1 }
            guard let failure = state.health.failed(fault, of: generation, at: now) else { return (nil, []) }
            defer { state.idle = [] }
            return (failure, state.idle)
        }
        // Closed outside of the lock.
        _ = left
        guard let failure else { return error }
        if let superseded = failure.superseded { board.clear(superseded.rawValue) }
        board.raise(error, severity: error.code == .decoderUnavailable ? .error : .warning)
        if let count = failure.report {
            log.warning(
                "\(error.detail)", metadata: ["code": "\(error.code.rawValue)", "times": "\(count)"])
        }
        return error
    }
}

extension ImageLimits {
    /// How many pixels a picture has at most, as far as is known.
    fileprivate func pixels(of image: EncodedImage) -> Int {
        guard image.width > 0, image.height > 0, image.width <= maximumPixels / image.height else {
            return maximumPixels
        }
        return image.width * image.height
    }
}
