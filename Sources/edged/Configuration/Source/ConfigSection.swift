import EdgeCore
import Foundation

/// Collects everything that is wrong with a configuration, so that it is reported at once, and what was asked for.
final class ConfigProblems {
    private(set) var found: [(key: String, message: String)] = []
    /// Every key that is known, as the reading went.
    private(set) var asked: Set<String> = []

    func add(_ key: String, _ message: String) { found.append((key, message)) }

    func noteAsked(_ key: String) { asked.insert(key) }

    /// One line a problem: where it is, the key, what is wrong.
    func lines(_ places: ConfigPlaces, file: String) -> [String] {
        found.map { problem in
            let place = places.nearest(to: problem.key) ?? ConfigPlace(file: file, line: nil)
            return "\(place): \(problem.key): \(problem.message)"
        }
    }
}

/// One table of the configuration; remembers which keys were read, so that the others are reported as unknown.
final class ConfigSection {
    let path: String
    private var unread: [String: ConfigValue]
    private var asked: Set<String> = []
    private let problems: ConfigProblems

    init(_ value: ConfigValue?, path: String, problems: ConfigProblems) {
        self.path = path
        self.problems = problems
        switch value {
        case .table(let table): unread = table
        case nil: unread = [:]
        case .some(let other):
            unread = [:]
            problems.add(path, "must be a table, not \(other.kind)")
        }
    }

    func key(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func section(_ name: String) -> ConfigSection {
        asked.insert(name)
        return ConfigSection(unread.removeValue(forKey: name), path: key(name), problems: problems)
    }

    func sectionIfThere(_ name: String) -> ConfigSection? {
        asked.insert(name)
        return has(name) ? section(name) : nil
    }

    /// Whether the key is written and not yet read.
    func has(_ name: String) -> Bool { unread[name] != nil }

    /// A table that is written as one value, and documented as one key.
    func inlineTable(_ name: String) -> ConfigSection? {
        note(name)
        return sectionIfThere(name)
    }

    func sections(_ name: String) -> [ConfigSection] {
        asked.insert(name)
        guard let value = unread.removeValue(forKey: name) else { return [] }
        guard case .array(let items) = value else {
            problems.add(key(name), "must be written as [[\(key(name))]]")
            return []
        }
        return items.enumerated().map { index, item in
            ConfigSection(item, path: "\(key(name))[\(index)]", problems: problems)
        }
    }

    func text(_ name: String) -> String? {
        let text = read(name, expected: "text") { if case .string(let text) = $0 { text } else { nil } }
        if text?.isEmpty == true { problem(name, "must not be empty") }
        return text
    }

    func flag(_ name: String, default standard: Bool) -> Bool {
        read(name, expected: "true or false") { if case .boolean(let flag) = $0 { flag } else { nil } } ?? standard
    }

    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        let value = read(name, expected: "a whole number") { if case .integer(let number) = $0 { number } else { nil } }
        return inRange(value, range, name)
    }

    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        let value = read(name, expected: "a number") { value -> Double? in
            switch value {
            case .number(let number): number
            case .integer(let number): Double(number)
            default: nil
            }
        }
        return inRange(value, range, name)
    }

    /// Text with a unit (`"500ms"`, `"30s"`, `"10m"`, `"1h"`), or a whole number of seconds.
    func duration(_ name: String, in range: ClosedRange<Duration>) -> Duration? {
        let value = read(name, expected: "a duration such as \"30s\"", Self.duration)
        return inRange(value, range, name)
    }

    /// The same, or `"off"` for none at all; `standard` when nothing is said.
    func durationOrOff(_ name: String, in range: ClosedRange<Duration>, default standard: Duration?) -> Duration? {
        note(name)
        if case .string("off") = unread[name] {
            unread[name] = nil
            return nil
        }
        return has(name) ? duration(name, in: range) : standard
    }

    func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, default standard: Choice) -> Choice
    where Choice.RawValue == String {
        guard let text = text(name) else { return standard }
        if let choice = Choice(rawValue: text) { return choice }
        let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        problems.add(key(name), "must be one of \(choices)")
        return standard
    }

    func texts(_ name: String) -> [String]? {
        read(name, expected: "a list of texts") { value in
            guard case .array(let items) = value else { return nil }
            let texts = items.compactMap { if case .string(let text) = $0 { text } else { nil } }
            return texts.count == items.count ? texts : nil
        }
    }

    /// A table of values by names that nobody here knows.
    func table(_ name: String) -> [String: ConfigValue] {
        read(name, expected: "a table") { if case .table(let table) = $0 { table } else { nil } } ?? [:]
    }

    func problem(_ name: String, _ message: String) { problems.add(key(name), message) }

    /// Reports what was never asked for.
    func finish() {
        for name in unread.keys.sorted() {
            let near = asked.sorted().first { Spelling.distance($0, name) <= max(1, name.count / 4) }
            problems.add(key(name), "unknown key" + (near.map { "; did you mean \"\($0)\"?" } ?? ""))
        }
    }

    private func note(_ name: String) {
        asked.insert(name)
        problems.noteAsked(key(name))
    }

    private func read<Value>(_ name: String, expected: String, _ convert: (ConfigValue) -> Value?) -> Value? {
        note(name)
        guard let value = unread.removeValue(forKey: name) else { return nil }
        guard let converted = convert(value) else {
            // A text that does not read as a duration is of the right kind, yet wrong.
            let but = expected.hasSuffix(value.kind) || expected.hasPrefix("a duration") ? "" : ", not \(value.kind)"
            problems.add(key(name), "must be \(expected)\(but)")
            return nil
        }
        return converted
    }

    private func inRange<Value: Comparable>(_ value: Value?, _ range: ClosedRange<Value>, _ name: String) -> Value? {
        guard let value else { return nil }
        guard range.contains(value) else {
            problems.add(key(name), "must be between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return value
    }

    private static func duration(_ value: ConfigValue) -> Duration? {
        if case .integer(let seconds) = value { return .seconds(seconds) }
        guard case .string(let text) = value else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let amount = Int(digits), amount < 1_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(amount)
        case "s": return .seconds(amount)
        case "m": return .seconds(amount * 60)
        case "h": return .seconds(amount * 3600)
        case "d": return .seconds(amount * 86400)
        case "y": return .seconds(amount * 365 * 86400)
        default: return nil
        }
    }
}
