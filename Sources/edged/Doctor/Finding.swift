/// What one look at the machine found.
struct Finding: Encodable, Equatable, Sendable {
    /// What was looked at.
    enum Area: String, Encodable, Sendable, CaseIterable {
        case configuration, permissions, daemon, cameras, models, keys, disk, clock, network, central
        /// Of a central instance.
        case database, fleet, erasures, webhooks
        case certificate, unit
    }

    /// How it stands.
    enum Verdict: String, Encodable, Sendable {
        case good
        /// Worth knowing; nothing to mend.
        case note
        /// Works, and should be mended.
        case warning
        /// Does not work.
        case bad
        /// Nobody could look, for want of rights or because the daemon does not answer.
        case unknown
    }

    var area: Area
    var verdict: Verdict
    /// One sentence.
    var text: String
    /// What to do; where there is something.
    var fix: String?

    init(_ area: Area, _ verdict: Verdict, _ text: String, fix: String? = nil) {
        self.area = area
        self.verdict = verdict
        self.text = text
        self.fix = fix
    }

    /// One line, the fix behind the finding.
    var line: String {
        let mark = "\(verdict.rawValue)".padded(to: 7)
        return "\(mark)  \(area.rawValue.padded(to: 13))  \(text)\(fix.map { " → \($0)" } ?? "")"
    }
}

extension Finding {
    /// 0 nothing to mend, 1 something is, 2 nothing is found and something could not be looked at.
    static func exitStatus(_ findings: [Finding]) -> Int32 {
        if findings.contains(where: { $0.verdict == .bad || $0.verdict == .warning }) { return 1 }
        return findings.contains { $0.verdict == .unknown } ? 2 : 0
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
