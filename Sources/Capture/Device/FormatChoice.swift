import EdgeCore

/// What a camera is wished to give.
struct FormatWish: Equatable {
    var width: Int
    var height: Int
    var framesPerSecond: Int?
    /// Four characters each, the most wanted first.
    var preference: [String]
    /// Frames per second to ask for while nobody reads the camera; `nil` when it goes on as it is.
    var idleFramesPerSecond: Int?
}

extension FormatWish {
    init(of configuration: CameraConfiguration) {
        self.init(
            width: configuration.preferredSize.width, height: configuration.preferredSize.height,
            framesPerSecond: configuration.preferredFrameRate, preference: configuration.formatPreference)
        if case .slow(let rate) = configuration.idle { idleFramesPerSecond = rate }
    }
}

/// Which of a camera's formats, sizes and rates is used, and why.
///
/// Made of plain values, so every case is a plain test.
struct FormatChoice: Equatable {
    var format: FourCC
    var encoding: ImageEncoding
    var width: Int
    var height: Int
    /// The interval to set; `nil` leaves the driver at its own.
    var interval: FrameInterval?
    /// The interval to set while nobody reads it; `nil` when there is none to choose.
    var idleInterval: FrameInterval?
    /// For the log.
    var why: String

    /// What it is, in few words.
    var form: String {
        let rate = interval.map { " at \(($0.framesPerSecond * 10).rounded() / 10)/s" } ?? ""
        return "\(format) \(width)×\(height)\(rate)"
    }

    /// What libv4l2 converts other formats to.
    private static let converted = "BGR3"

    /// Chooses; throws `capture.format.unsupported` with what the camera offers.
    init(_ wish: FormatWish, from offers: [CameraFormat]) throws(EdgeError) {
        let (offer, reason) = try Self.format(wish, from: offers)
        guard let format = FourCC(offer.code), let encoding = format.encoding else {
            throw EdgeError(.cameraFormat)
        }
        self.format = format
        self.encoding = encoding
        let size = offer.sizes.map { ($0, $0.nearest(wish)) }.min { left, right in
            Self.distance(left.1, wish) < Self.distance(right.1, wish)
        }
        guard let (offered, fitted) = size else {
            (width, height, interval) = (wish.width, wish.height, nil)
            why = "\(reason); the driver lists no sizes, so \(width)×\(height) as asked"
            return
        }
        (width, height) = (fitted.width, fitted.height)
        interval = offered.interval(for: wish.framesPerSecond)
        idleInterval = offered.interval(for: wish.idleFramesPerSecond)
        let isAsAsked = width == wish.width && height == wish.height
        let rate = interval.map { "\(($0.framesPerSecond * 10).rounded() / 10) frames/s" } ?? "its own rate"
        why = "\(reason); \(width)×\(height) \(isAsAsked ? "as asked" : "is nearest to what was asked"); \(rate)"
    }

    private static func format(
        _ wish: FormatWish, from offers: [CameraFormat]
    ) throws(EdgeError) -> (CameraFormat, String) {
        let native = offers.filter { !$0.isEmulated }
        for (rank, code) in wish.preference.enumerated() {
            guard FourCC(code)?.encoding != nil, let offer = native.first(where: { $0.code == code }) else { continue }
            return (offer, rank == 0 ? "\(code) is wanted most" : "\(code) is the most wanted format that it offers")
        }
        if let offer = offers.first(where: { $0.code == converted }) {
            let codes = native.map(\.code).joined(separator: ", ")
            return (offer, offer.isEmulated ? "it offers only \(codes), which libv4l2 converts" : "it offers \(codes)")
        }
        let codes = offers.map(\.code).joined(separator: ", ")
        throw EdgeError(
            .cameraFormat,
            "It offers \(codes.isEmpty ? "nothing" : codes); wanted: \(wish.preference.joined(separator: ", ")).")
    }

    private static func distance(_ size: PixelSize, _ wish: FormatWish) -> (Int, Int) {
        // Of two equally near sizes the larger one: reducing loses nothing.
        (abs(size.width - wish.width) + abs(size.height - wish.height), -size.width * size.height)
    }
}

extension FormatChoice {
    /// Says it all.
    init(
        format: FourCC, encoding: ImageEncoding, size: PixelSize, interval: FrameInterval?, why: String
    ) {
        self.format = format
        self.encoding = encoding
        (width, height) = (size.width, size.height)
        self.interval = interval
        self.why = why
    }
}

extension CameraSize {
    /// The size of this offer that comes nearest to the wish.
    func nearest(_ wish: FormatWish) -> PixelSize {
        guard let range else { return PixelSize(width: width, height: height) }
        func fit(_ wanted: Int, _ least: Int, _ most: Int, _ step: Int) -> Int {
            guard wanted > least else { return least }
            let step = max(step, 1)
            let steps = (min(wanted, most) - least + step / 2) / step
            let fitted = least + steps * step
            return fitted <= most ? fitted : fitted - step
        }
        return PixelSize(
            width: fit(wish.width, width, range.maximumWidth, range.widthStep),
            height: fit(wish.height, height, range.maximumHeight, range.heightStep))
    }

    /// The slowest rate that is not slower than wanted, else the fastest; `nil` without a wish or a list.
    func interval(for framesPerSecond: Int?) -> FrameInterval? {
        guard let wanted = framesPerSecond, wanted > 0 else { return nil }
        let sorted = intervals.filter { $0.framesPerSecond > 0 }.sorted { $0.framesPerSecond < $1.framesPerSecond }
        guard let slowest = sorted.first, let fastest = sorted.last else { return nil }
        if isEveryIntervalPossible, slowest.framesPerSecond < Double(wanted), Double(wanted) < fastest.framesPerSecond {
            return FrameInterval(numerator: 1, denominator: wanted)
        }
        // 29.97 is 30 to everybody.
        return sorted.first { $0.framesPerSecond >= Double(wanted) - 0.5 } ?? fastest
    }
}
