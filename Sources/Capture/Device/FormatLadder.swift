import EdgeCore

/// What a camera is opened as, the wish first, where its bus has no room.
///
/// Each rung is cheaper for the bus than the wish: what the camera compresses itself before pixels, and then the larger and
/// quicker before the smaller and slower. Pixels come last and are not left out, since some cameras claim the same for each
/// compressed picture, however small. Made of plain values, so every case is a plain test.
struct FormatLadder: Equatable {
    /// The least that sessions can work with.
    struct Floor {
        var width: Int
        var height: Int
        var framesPerSecond: Double

        /// 40 pixels between the eyes are an eighth of the width; a blink takes a tenth of a second.
        static let sessions = Floor(width: 320, height: 240, framesPerSecond: 10)
    }

    /// What to try, in this order.
    let rungs: [FormatChoice]

    /// Throws `capture.format.unsupported` with what the camera offers.
    init(_ wish: FormatWish, from offers: [CameraFormat], floor: Floor = .sessions) throws(EdgeError) {
        let first = try FormatChoice(wish, from: offers)
        let bounds = Bounds(first, wish.idleFramesPerSecond, offers, floor)
        let usable = offers.filter { offer in
            offer.code == first.format.description || (!offer.isEmulated && wish.preference.contains(offer.code))
        }
        let cheaper = usable.flatMap { bounds.candidates(of: $0) }
        rungs =
            [first] + Self.steps(cheaper.filter { $0.choice.encoding == .jpeg }, below: bounds.cost)
            + Self.steps(cheaper.filter { $0.choice.encoding != .jpeg }, below: bounds.cost)
    }

    /// Begins with the first rung that the bus has room for.
    ///
    /// Throws `capture.bandwidth.exhausted` when there is none, and at once what else `open` throws.
    func begin<Stream: ~Copyable>(
        until isStopped: () -> Bool = { false }, _ open: (FormatChoice) throws(EdgeError) -> Stream
    ) throws(EdgeError) -> Stream {
        for rung in rungs {
            do throws(EdgeError) { return try open(rung) } catch {
                guard error.code == .cameraBandwidth, !isStopped() else { throw error }
            }
        }
        let least = rungs.count > 1 ? ", nor for less, down to \(rungs[rungs.count - 1].form)" : ""
        throw EdgeError(.cameraBandwidth, "The bus has no room for \(rungs[0].form)\(least).")
    }

    /// What there is to say of a camera that streams this; `nil` for what was wished.
    func shortfall(of choice: FormatChoice) -> EdgeError? {
        guard choice != rungs[0] else { return nil }
        return EdgeError(.cameraBandwidth, "The bus has no room for \(rungs[0].form); it gives \(choice.form) instead.")
    }

    private struct Candidate {
        var choice: FormatChoice
        /// Bytes a second, about.
        var cost: Int
    }

    /// The dearest first, and of two that cost the same the larger; each step is worth the try.
    private static func steps(_ candidates: [Candidate], below ceiling: Int) -> [FormatChoice] {
        let sorted = candidates.sorted { left, right in
            (left.cost, left.choice.width * left.choice.height) > (right.cost, right.choice.width * right.choice.height)
        }
        var last = ceiling
        return sorted.compactMap { candidate in
            guard candidate.cost * 4 <= last * 3 else { return nil }
            last = candidate.cost
            return candidate.choice
        }
    }

    /// Between what was chosen and the least.
    private struct Bounds {
        let cost: Int
        private let most: PixelSize
        private let least: PixelSize
        private let fastest: Double
        private let slowest: Double
        private let idleRate: Int?

        init(_ first: FormatChoice, _ idleRate: Int?, _ offers: [CameraFormat], _ floor: Floor) {
            self.idleRate = idleRate
            most = PixelSize(width: first.width, height: first.height)
            least = PixelSize(width: min(floor.width, first.width), height: min(floor.height, first.height))
            let own = offers.first { $0.code == first.format.description }?.sizes
                .first { $0.range != nil || ($0.width == first.width && $0.height == first.height) }
            // Without a wish a driver takes its own rate, which is the fastest as a rule.
            fastest =
                first.interval?.framesPerSecond ?? own?.intervals.map(\.framesPerSecond).filter { $0 > 0 }.max() ?? 30
            slowest = min(floor.framesPerSecond, fastest)
            cost = Self.cost(first.encoding, most, fastest)
        }

        func candidates(of offer: CameraFormat) -> [Candidate] {
            guard let format = FourCC(offer.code), let encoding = format.encoding else { return [] }
            let unlisted = CameraSize(width: most.width, height: most.height, intervals: [])
            return (offer.sizes.isEmpty ? [unlisted] : offer.sizes).flatMap { offered in
                sizes(of: offered).flatMap { size in
                    rates(of: offered).map { interval, rate in
                        var choice = FormatChoice(
                            format: format, encoding: encoding, size: size, interval: interval, why: "")
                        choice.idleInterval = offered.interval(for: idleRate)
                        choice.why = "the bus has no room for more; \(choice.form)"
                        return Candidate(choice: choice, cost: Self.cost(encoding, size, rate))
                    }
                }
            }
        }

        /// Of a range the size itself and half of it.
        private func sizes(of offered: CameraSize) -> [PixelSize] {
            let all = [1, 2].map { divisor in
                offered.nearest(
                    FormatWish(width: most.width / divisor, height: most.height / divisor, preference: []))
            }
            return (offered.range == nil ? [all[0]] : all).filter { size in
                size.width >= least.width && size.height >= least.height
                    && size.width * size.height <= most.width * most.height
            }
        }

        private func rates(of offered: CameraSize) -> [(FrameInterval?, Double)] {
            guard !offered.intervals.isEmpty else { return [(nil, fastest)] }
            var intervals = offered.intervals
            if offered.isEveryIntervalPossible {
                let ends = intervals.map(\.framesPerSecond)
                intervals = [Int(fastest), 15, 10].map { FrameInterval(numerator: 1, denominator: $0) }
                    .filter { (ends.min() ?? 0)...(ends.max() ?? 0) ~= $0.framesPerSecond }
            }
            return intervals.map { ($0, $0.framesPerSecond) }.filter { _, rate in
                // 29.97 is 30 to everybody.
                rate <= fastest + 0.5 && rate >= slowest - 0.5
            }
        }

        /// Bits of a pixel on the bus; what libv4l2 converts comes as two bytes.
        private static func cost(_ encoding: ImageEncoding, _ size: PixelSize, _ rate: Double) -> Int {
            let bits =
                switch encoding {
                case .jpeg, .png, .webp: 3
                case .grey: 8
                case .nv12: 12
                case .yuyv, .bgr: 16
                }
            return Int(Double(size.width * size.height * bits / 8) * rate)
        }
    }
}
