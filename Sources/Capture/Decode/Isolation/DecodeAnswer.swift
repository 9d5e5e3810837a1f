import EdgeCore

/// What a worker answers: 24 bytes, beside what it has written to the memory that it was handed.
///
/// The daemon believes nothing of it: the only thing that it learns is whether the picture is there, in just the size that it
/// asked for, or which of a few faults the picture has.
struct DecodeAnswer: Equatable {
    enum Outcome: UInt8, CaseIterable {
        case done = 0
        case corrupt = 1
        case unsupported = 2
        case tooLarge = 3
        case tooSmall = 4
    }

    static let length = 24
    private static let mark: UInt32 = 0x3141_4544

    var number: UInt64
    var outcome: Outcome
    var size: PixelSize

    /// The answer to `request`.
    init(to request: DecodeRequest, _ outcome: Outcome) {
        number = request.number
        self.outcome = outcome
        size = outcome == .done ? request.size : PixelSize(width: 0, height: 0)
    }

    /// As it is sent.
    var bytes: [UInt8] {
        var form = WireForm(capacity: Self.length)
        form.append(Self.mark)
        form.append(UInt32(outcome.rawValue))
        form.append(number)
        form.append(UInt32(clamping: size.width))
        form.append(UInt32(clamping: size.height))
        return form.bytes
    }
}

extension DecodeRequest {
    /// What an answer means for this request; a worker that says anything that no honest one would is not asked again.
    func outcome(of bytes: [UInt8]) throws(DecoderFault) -> DecodeAnswer.Outcome {
        guard bytes.count == DecodeAnswer.length else { throw .nonsense("an answer of \(bytes.count) bytes") }
        let known = DecodeAnswer.Outcome.allCases.first { DecodeAnswer(to: self, $0).bytes == bytes }
        guard let known else { throw .nonsense("an answer to something else") }
        guard work != .greeting || known == .done else { throw .nonsense("a picture's fault without a picture") }
        return known
    }
}

extension DecodeAnswer.Outcome {
    /// How a worker tells an error of the decoders.
    init(_ error: EdgeError) {
        switch error.code {
        case .imageUnsupported: self = .unsupported
        case .imageTooLarge: self = .tooLarge
        case .imageTooSmall: self = .tooSmall
        default: self = .corrupt
        }
    }

    /// The error that it stands for, in the daemon's own words; `nil` for a picture that is there.
    var error: EdgeError? {
        switch self {
        case .done: nil
        case .corrupt: EdgeError(.imageCorrupt, "The picture's data is damaged or cut off.")
        case .unsupported: EdgeError(.imageUnsupported, "A picture of this kind is not read.")
        case .tooLarge: EdgeError(.imageTooLarge)
        case .tooSmall: EdgeError(.imageTooSmall)
        }
    }
}
