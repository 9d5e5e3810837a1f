import EdgeCore

/// What to set on a camera, in the order in which it takes effect, and what of the wish it cannot do.
///
/// Performs nothing, so every path is a plain test.
struct ControlPlan: Equatable {
    /// One value to set.
    struct Step: Equatable {
        var control: CameraControl
        var value: Int
    }

    /// Automatics before the values that they would overrule.
    private(set) var steps: [Step] = []
    /// Why the rest of the wish is left out: `capture.control.unknown` or `capture.control.refused`.
    private(set) var problems: [EdgeError] = []

    /// Plans `wishes` for a camera with these controls.
    ///
    /// A control by its own name goes before a word that means it too.
    init(_ wishes: [String: ControlValue], for controls: [CameraControl]) {
        let sorted = wishes.sorted { $0.key < $1.key }
        for (name, value) in sorted {
            guard let word = ControlWord(rawValue: ControlName.normalized(name)) else { continue }
            plan(word, value, controls)
        }
        for (name, value) in sorted where ControlWord(rawValue: ControlName.normalized(name)) == nil {
            guard let control = ControlName.find(name, in: controls) else {
                problems.append(Self.unknown(name))
                continue
            }
            guard let number = Self.number(value, of: control) else {
                problems.append(Self.refusal(value.description, by: control))
                continue
            }
            add(control, number)
        }
        steps.sort { ($0.rank, $0.control.name) < ($1.rank, $1.control.name) }
    }

    /// Which of the steps had no effect, seen by the controls as they are after all of them.
    func withoutEffect(_ controls: [CameraControl]) -> [EdgeError] {
        steps.compactMap { step in
            guard let now = controls.first(where: { $0.id == step.control.id }), now.isInactive else { return nil }
            return EdgeError(.cameraControlRefused, "\(now.name) has no effect: an automatic of the camera decides.")
        }
    }

    private mutating func plan(_ word: ControlWord, _ value: ControlValue, _ controls: [CameraControl]) {
        let automatic = word.automatic.flatMap { ControlName.find($0, in: controls) }
        guard let number = word.number(value) else {
            return planAutomatic(word, value, automatic)
        }
        guard let target = Self.target(of: word, value, controls) else {
            problems.append(Self.unknown(word.target, for: word))
            return
        }
        // With a value that it does not take the camera is left to its automatic.
        guard add(target, number), let automatic else { return }
        guard let manual = automatic.manualValue else {
            problems.append(Self.refusal("manual", by: automatic))
            return
        }
        add(automatic, manual)
    }

    private mutating func planAutomatic(_ word: ControlWord, _ value: ControlValue, _ automatic: CameraControl?) {
        guard value == "auto", let name = word.automatic else {
            problems.append(EdgeError(.cameraControlRefused, "\(word.rawValue) must be \(word.form)."))
            return
        }
        guard let automatic else {
            problems.append(Self.unknown(name, for: word))
            return
        }
        guard let value = automatic.automaticValue else {
            problems.append(Self.refusal("auto", by: automatic))
            return
        }
        add(automatic, value)
    }

    /// Some cameras count exposure in steps of their own; a duration means nothing to them.
    private static func target(
        of word: ControlWord, _ value: ControlValue, _ controls: [CameraControl]
    ) -> CameraControl? {
        if let target = ControlName.find(word.target, in: controls) { return target }
        guard word == .exposure, case .number = value else { return nil }
        return ControlName.find("exposure", in: controls)
    }

    /// Takes a step in place of an earlier one for the same control; whether the control takes the value.
    @discardableResult
    private mutating func add(_ control: CameraControl, _ value: Int) -> Bool {
        guard control.takes(value) else {
            problems.append(Self.refusal("\(value)", by: control))
            return false
        }
        steps.removeAll { $0.control.id == control.id }
        steps.append(Step(control: control, value: value))
        return true
    }

    private static func number(_ value: ControlValue, of control: CameraControl) -> Int? {
        switch value {
        case .number(let number): return number
        case .word(let word):
            let name = ControlName.normalized(word)
            return control.choices.filter { ControlName.normalized($0.value) == name }.map(\.key).min()
        }
    }

    private static func unknown(_ name: String, for word: ControlWord? = nil) -> EdgeError {
        let wanted = word.map { ", which \($0.rawValue) needs" } ?? ""
        return EdgeError(.cameraControl, "It has no control \(name)\(wanted).")
    }

    private static func refusal(_ value: String, by control: CameraControl) -> EdgeError {
        EdgeError(.cameraControlRefused, "\(control.name) = \(value): it takes \(control.range).")
    }
}

extension ControlPlan.Step {
    fileprivate var rank: Int { ControlName.isAutomatic(control.name) ? 0 : 1 }
}

extension CameraControl {
    /// What it takes, for people.
    public var range: String {
        if isReadOnly || kind == .other { return "nothing, it is only to be read" }
        switch kind {
        case .button: return "any number"
        case .menu where !choices.isEmpty:
            return choices.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        case .integer, .boolean, .menu, .other:
            return "\(minimum) to \(maximum)" + (step > 1 ? " by \(step)" : "")
        }
    }

    /// Whether the value may be set; drivers round what lies between two steps.
    func takes(_ value: Int) -> Bool {
        guard !isReadOnly else { return false }
        switch kind {
        case .other: return false
        case .button: return true
        case .menu where !choices.isEmpty: return choices[value] != nil
        case .integer, .boolean, .menu: return minimum <= value && value <= maximum
        }
    }

    /// The value by which an automatic is on: of the menu of exposures the camera's own choice of the two that set the time.
    var automaticValue: Int? {
        guard kind == .menu else { return 1 }
        let automatics = [0, 3]
        let preferred = automatics.contains(defaultValue) ? [defaultValue] + automatics : automatics
        return preferred.first { takes($0) }
    }

    /// The value by which it is off: of the menu of exposures manual, else that which leaves the time alone.
    var manualValue: Int? {
        guard kind == .menu else { return 0 }
        return [1, 2].first { takes($0) }
    }
}
