import Foundation

/// A regular expression that goes through the whole project in a moment; Swift's own would take half a minute.
struct Pattern {
    /// One place where the expression matches.
    struct Match {
        /// Counts from 1.
        let line: Int
        /// The whole match, then its groups; empty for a group that took no part.
        let groups: [String]
        var text: String { groups[0] }
    }

    private let expression: NSRegularExpression

    /// `^` and `$` match at every line.
    init(_ pattern: String) throws {
        expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
    }

    func matches(in text: String) -> [Match] {
        let whole = NSString(string: text)
        let found = expression.matches(in: text, range: NSRange(location: 0, length: whole.length))
        guard !found.isEmpty else { return [] }
        var line = 1
        var position = 0
        let units = Array(text.utf16)
        return found.map { result in
            line += units[position..<result.range.location].count { $0 == 10 }
            position = result.range.location
            let groups = (0..<result.numberOfRanges).map { index in
                let range = result.range(at: index)
                return range.location == NSNotFound ? "" : whole.substring(with: range)
            }
            return Match(line: line, groups: groups)
        }
    }

    func isFound(in text: String) -> Bool {
        expression.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }
}
