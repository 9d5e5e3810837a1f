import EdgeCore
import Glibc

/// Decides how exposure and gain follow the brightness of a face.
///
/// As long as a face is bright enough the camera decides by itself. A face that is far from it is brought there in steps, by
/// exposure as long as that may be, then by gain, which costs noise; soon after the last face the camera decides again. Performs
/// nothing, so every path is a plain test.
struct FaceLight {
    /// A face this far from what is wanted, of 255, has exposure and gain taken over.
    static let takeOver = 40.0
    /// Once they are, this near is right.
    static let deadBand = 16.0
    /// A camera shows the effect of a step a few pictures later: what was taken before says nothing.
    static let settling = Duration.milliseconds(300)
    /// How long after the last face the camera decides again.
    static let patience = Duration.seconds(5)
    /// The least and the most that one step changes exposure.
    private static let factors = 0.5...2.0
    /// Share of the gain's range for a doubling of light: what its numbers mean, each camera has its own idea of.
    private static let gainShare = 0.12

    private let rule: FaceLightRule
    private let exposure: LightKnob?
    private let gain: LightKnob?
    /// What is set now; `nil` while the camera decides.
    private var held: (exposure: Int?, gain: Int?)?
    /// What the gain was before.
    private var foundGain: Int?
    private var foundExposure: Int?
    private var lastFace: FrameClock.Instant?
    private var lastStep: FrameClock.Instant?
    private var isOver = false

    /// For a camera with these controls, on which `plan` was set; `nil` when it has nothing that may be set.
    init?(_ rule: FaceLightRule, after plan: ControlPlan, for controls: [CameraControl]) {
        self.rule = rule
        exposure = .exposure(rule, plan, controls)
        gain = .gain(rule, plan, controls)
        if exposure == nil, gain == nil { return nil }
    }

    /// Whether exposure or gain are set by the face at the moment.
    var isHolding: Bool { held != nil }

    /// What has the camera decide by itself, to be set when it is opened.
    var beginning: [ControlPlan.Step] { [exposure, gain].compactMap { $0?.automatic } }

    /// What to set since a face was seen, in this order; `value` tells what a control stands at.
    mutating func saw(
        _ face: FaceBrightness, at now: FrameClock.Instant, value: (CameraControl) -> Int?
    ) -> [ControlPlan.Step] {
        lastFace = now
        guard !isOver else { return [] }
        if let lastStep, face.takenAt < lastStep.advanced(by: Self.settling) { return [] }
        let distance = abs(face.luma - Double(rule.brightness))
        guard distance > (isHolding ? Self.deadBand : Self.takeOver) else { return [] }
        let factor = Self.factor(from: face.luma, to: rule.brightness)
        let before = held ?? found(value)
        let after = moved(before, by: factor)
        guard after != before else { return [] }
        var steps: [ControlPlan.Step] = []
        if held == nil { steps = [exposure, gain].compactMap { $0?.manual } }
        if let exposure, let value = after.exposure, held == nil || value != before.exposure {
            steps.append(ControlPlan.Step(control: exposure.control, value: value))
        }
        if let gain, let value = after.gain, held == nil || value != before.gain {
            steps.append(ControlPlan.Step(control: gain.control, value: value))
        }
        held = after
        lastStep = now
        return steps
    }

    /// What to set when no face was seen for long enough; nothing while the camera decides already.
    mutating func overdue(at now: FrameClock.Instant) -> [ControlPlan.Step] {
        guard isHolding, let lastFace, lastFace.duration(to: now) >= Self.patience else { return [] }
        return handBack()
    }

    /// What to set so that the camera decides again; nothing while it does.
    mutating func handBack() -> [ControlPlan.Step] {
        guard held != nil else { return [] }
        held = nil
        return [(exposure, foundExposure), (gain, foundGain)].compactMap { knob, found in
            guard let knob else { return nil }
            // Where the camera never decides it is as it was found.
            return knob.automatic ?? found.map { ControlPlan.Step(control: knob.control, value: $0) }
        }
    }

    /// The camera does not take what is set: it is left alone from now on.
    mutating func giveUp() { (isOver, held) = (true, nil) }

    /// The values that the camera has come to by itself.
    private mutating func found(_ value: (CameraControl) -> Int?) -> (exposure: Int?, gain: Int?) {
        foundExposure = exposure.map { value($0.control) ?? $0.control.defaultValue }
        foundGain = gain.map { value($0.control) ?? $0.control.defaultValue }
        return (foundExposure, foundGain)
    }

    /// Luma is about the 2.2th root of light; less than the whole way at once, so that it does not swing.
    private static func factor(from luma: Double, to wanted: Int) -> Double {
        let factor = pow(Double(wanted) / max(luma, 1), 1.5)
        return min(max(factor, factors.lowerBound), factors.upperBound)
    }

    private func moved(_ values: (exposure: Int?, gain: Int?), by factor: Double) -> (exposure: Int?, gain: Int?) {
        var (left, values) = (factor, values)
        // What gain has added goes first, what exposure cannot give it adds last.
        if left < 1 { (values.gain, left) = gained(values.gain, by: left, downTo: foundGain) }
        (values.exposure, left) = exposed(values.exposure, by: left)
        (values.gain, _) = gained(values.gain, by: left, downTo: nil)
        return values
    }

    /// The exposure, and the part of the factor that it could not give.
    private func exposed(_ value: Int?, by factor: Double) -> (Int?, Double) {
        guard let exposure, let value, factor != 1 else { return (value, factor) }
        let before = max(value, 1)
        let wanted = (Double(before) * factor).rounded(factor > 1 ? .up : .down)
        let after = min(max(Int(wanted), exposure.range.lowerBound), exposure.range.upperBound)
        // A camera that exposes for longer than it may comes down whatever the face wants; gain makes up for it.
        return (after, Self.left(of: factor, given: Double(max(after, 1)) / Double(before)))
    }

    /// The gain, and the part of the factor that it could not give; down to what it was found at, or as far as it goes.
    private func gained(_ value: Int?, by factor: Double, downTo floor: Int?) -> (Int?, Double) {
        guard let gain, let value, factor != 1 else { return (value, factor) }
        let doubling = Double(gain.range.upperBound - gain.range.lowerBound) * Self.gainShare
        let change = doubling * log2(factor)
        let wanted = (Double(value) + change).rounded(factor > 1 ? .up : .down)
        let least = min(max(floor ?? gain.range.lowerBound, gain.range.lowerBound), value)
        let after = min(max(Int(wanted), least), gain.range.upperBound)
        return (after, Self.left(of: factor, given: exp2(Double(after - value) / doubling)))
    }

    /// What remains to be done; nothing where it is little, or where rounding did too much.
    private static func left(of factor: Double, given: Double) -> Double {
        let left = factor / given
        return factor > 1 ? (left > 1.1 ? left : 1) : (left < 0.9 ? left : 1)
    }
}
