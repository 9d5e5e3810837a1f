/// What a configuration wants of one control of a camera.
public enum ControlValue: Sendable, Equatable {
    /// A number in the control's own unit; 0 and 1 for off and on.
    case number(Int)
    /// `auto`, a choice of a menu by its name, or how long an exposure lasts (`10ms`, `500us`).
    case word(String)
}

extension ControlValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// A number.
    public init(integerLiteral value: Int) { self = .number(value) }
    /// A word.
    public init(stringLiteral value: String) { self = .word(value) }
}

extension ControlValue: CustomStringConvertible {
    /// As a configuration writes it.
    public var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .word(let word): "\"\(word)\""
        }
    }

    /// What is wrong with it as the value of `name` whatever the camera, in one clause; `nil` where the camera alone can tell.
    public func problem(as name: String) -> String? {
        guard let word = ControlWord(rawValue: ControlName.normalized(name)) else { return nil }
        return word.accepts(self) ? nil : "must be \(word.form)"
    }
}

/// What cameras have under several names, with an automatic beside it or in units that nobody knows by heart.
enum ControlWord: String, CaseIterable {
    case exposure
    case gain
    case whiteBalance = "white_balance"
    case focus
    case powerLine = "power_line"
    case backlight

    /// What may be written.
    var form: String {
        switch self {
        case .exposure: "\"auto\", a duration such as \"10ms\" or \"500us\", or a number of 100 us"
        case .gain, .focus: "\"auto\" or a number"
        case .whiteBalance: "\"auto\" or a number of kelvin"
        case .powerLine: "\"off\", 50, 60 or \"auto\""
        case .backlight: "a number"
        }
    }

    /// The control that takes the number.
    var target: String {
        switch self {
        case .exposure: "exposure_time_absolute"
        case .gain: "gain"
        case .whiteBalance: "white_balance_temperature"
        case .focus: "focus_absolute"
        case .powerLine: "power_line_frequency"
        case .backlight: "backlight_compensation"
        }
    }

    /// The control that must be off for the number to count.
    var automatic: String? {
        switch self {
        case .exposure: "auto_exposure"
        case .gain: "gain_automatic"
        case .whiteBalance: "white_balance_automatic"
        case .focus: "focus_automatic_continuous"
        case .powerLine, .backlight: nil
        }
    }

    func accepts(_ value: ControlValue) -> Bool { value == "auto" && automatic != nil || number(value) != nil }

    /// The value of ``target``; `nil` for `auto` and for what cannot be meant.
    func number(_ value: ControlValue) -> Int? {
        switch (self, value) {
        case (.powerLine, "off"): 0
        case (.powerLine, 50): 1
        case (.powerLine, 60): 2
        case (.powerLine, "auto"): 3
        case (.powerLine, _): nil
        case (.exposure, .word(let text)): Self.hundreds(text)
        case (.exposure, .number(let number)): number > 0 ? number : nil
        case (_, .number(let number)): number
        case (_, .word): nil
        }
    }

    /// How long that is in units of 100 microseconds, at least one.
    private static func hundreds(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let amount = Int(digits), amount > 0, amount <= 100_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "us": return max((amount + 50) / 100, 1)
        case "ms": return amount * 10
        case "s": return amount * 10_000
        default: return nil
        }
    }
}
