import CV4L2
import EdgeCore

extension VideoDevice {
    /// All controls that are not compound, with their values now.
    borrowing func controls() -> [CameraControl] {
        var controls: [CameraControl] = []
        var entry = v4l2_queryctrl()
        entry.id = CV4L2_CTRL_FLAG_NEXT_CTRL
        while controls.count < 512, request(CV4L2_QUERYCTRL, &entry) == 0 {
            if let control = control(entry) { controls.append(control) }
            entry.id |= CV4L2_CTRL_FLAG_NEXT_CTRL
        }
        return controls
    }

    /// Applies settings by name; returns why some could not be applied.
    borrowing func apply(_ settings: [String: ControlValue]) -> [EdgeError] {
        guard !settings.isEmpty else { return [] }
        let plan = ControlPlan(settings, for: controls())
        let refused = plan.problems + set(plan.steps)
        return plan.steps.isEmpty ? refused : refused + plan.withoutEffect(controls())
    }

    /// Sets values in this order; returns why some could not be set.
    borrowing func set(_ steps: [ControlPlan.Step]) -> [EdgeError] {
        var refused: [EdgeError] = []
        for step in steps {
            var setting = v4l2_control(id: step.control.id, value: Int32(clamping: step.value))
            let status = request(CV4L2_S_CTRL, &setting)
            guard status != 0 else { continue }
            let why = "\(step.control.name) = \(step.value) was refused (error \(status))."
            refused.append(EdgeError(.cameraControlRefused, why))
        }
        return refused
    }

    /// What a control stands at now; `nil` when it cannot be read.
    borrowing func value(of control: CameraControl) -> Int? {
        var current = v4l2_control(id: control.id, value: 0)
        return request(CV4L2_G_CTRL, &current) == 0 ? Int(current.value) : nil
    }

    private borrowing func control(_ entry: v4l2_queryctrl) -> CameraControl? {
        guard entry.flags & UInt32(V4L2_CTRL_FLAG_DISABLED) == 0, let kind = kind(entry.type) else { return nil }
        var current = v4l2_control(id: entry.id, value: 0)
        let isReadable = kind != .button && kind != .other && request(CV4L2_G_CTRL, &current) == 0
        return CameraControl(
            name: ControlName.normalized(CText.string(of: entry.name)), id: entry.id, kind: kind,
            minimum: Int(entry.minimum), maximum: Int(entry.maximum), step: Int(entry.step),
            defaultValue: Int(entry.default_value), value: isReadable ? Int(current.value) : nil,
            isInactive: entry.flags & UInt32(V4L2_CTRL_FLAG_INACTIVE) != 0,
            isReadOnly: entry.flags & UInt32(V4L2_CTRL_FLAG_READ_ONLY) != 0,
            choices: kind == .menu ? choices(entry) : [:])
    }

    private borrowing func kind(_ type: UInt32) -> CameraControl.Kind? {
        switch v4l2_ctrl_type(type) {
        case V4L2_CTRL_TYPE_CTRL_CLASS: nil  // a heading, not a control
        case V4L2_CTRL_TYPE_INTEGER: .integer
        case V4L2_CTRL_TYPE_BOOLEAN: .boolean
        case V4L2_CTRL_TYPE_MENU, V4L2_CTRL_TYPE_INTEGER_MENU: .menu
        case V4L2_CTRL_TYPE_BUTTON: .button
        default: .other
        }
    }

    private borrowing func choices(_ entry: v4l2_queryctrl) -> [Int: String] {
        var choices: [Int: String] = [:]
        guard entry.minimum >= 0, entry.minimum <= entry.maximum, entry.maximum < 256 else { return choices }
        for index in entry.minimum...entry.maximum {
            var item = v4l2_querymenu()
            item.id = entry.id
            item.index = UInt32(index)
            guard request(CV4L2_QUERYMENU, &item) == 0 else { continue }
            let isNumber = v4l2_ctrl_type(entry.type) == V4L2_CTRL_TYPE_INTEGER_MENU
            choices[Int(index)] = isNumber ? "\(item.value)" : CText.string(of: item.name)
        }
        return choices
    }
}
