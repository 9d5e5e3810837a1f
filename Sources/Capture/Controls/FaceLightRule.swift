import EdgeCore

/// How bright a face shall be, and how far exposure and gain may go for it.
public struct FaceLightRule: Sendable, Equatable {
    /// The mean luma that a face shall have, 0…255.
    public var brightness = 115
    /// The longest exposure; beyond it people who walk are blurred.
    public var longestExposure = Duration.milliseconds(33)
    /// The greatest gain, in the driver's own numbers; `nil` for as much as the camera has.
    public var mostGain: Int?

    /// The standard rule.
    public init() {}
}

/// One control that decides how bright a picture is, and how it is taken over and given back.
struct LightKnob: Equatable {
    let control: CameraControl
    /// What may be set.
    let range: ClosedRange<Int>
    /// The step by which the camera decides again; `nil` for a camera that never decides about it.
    let automatic: ControlPlan.Step?
    /// The step by which it no longer does.
    let manual: ControlPlan.Step?

    /// Exposure, not longer than the rule allows; `nil` where there is none to set, or the configuration has set it.
    static func exposure(_ rule: FaceLightRule, _ plan: ControlPlan, _ controls: [CameraControl]) -> LightKnob? {
        // 100 us each, as V4L2 has it.
        LightKnob(.exposure, most: Int(rule.longestExposure / .microseconds(100)), plan, controls)
    }

    /// Gain, likewise.
    static func gain(_ rule: FaceLightRule, _ plan: ControlPlan, _ controls: [CameraControl]) -> LightKnob? {
        LightKnob(.gain, most: rule.mostGain ?? .max, plan, controls)
    }

    private init?(_ word: ControlWord, most: Int, _ plan: ControlPlan, _ controls: [CameraControl]) {
        guard let control = ControlName.find(word.target, in: controls), control.kind == .integer,
            !control.isReadOnly, control.minimum < min(control.maximum, most),
            !plan.steps.contains(where: { $0.control.id == control.id })
        else { return nil }
        self.control = control
        range = control.minimum...min(control.maximum, most)
        guard let automatic = word.automatic.flatMap({ ControlName.find($0, in: controls) }) else {
            (self.automatic, manual) = (nil, nil)
            return
        }
        guard let on = automatic.automaticValue, let off = automatic.manualValue else { return nil }
        let configured = plan.steps.first { $0.control.id == automatic.id }?.value
        // Whoever switched the automatic off means the value to stay.
        guard configured != off else { return nil }
        self.automatic = ControlPlan.Step(control: automatic, value: configured ?? on)
        manual = ControlPlan.Step(control: automatic, value: off)
    }
}
