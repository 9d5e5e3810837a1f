import Foundation

/// Which of how many processes this is, where the work of a deep run is shared out: `EDGED_PART=0/2` and `1/2`.
struct DeepPart {
    var number = 0
    var count = 1

    static var ofThisProcess: DeepPart {
        let words =
            ProcessInfo.processInfo.environment["EDGED_PART"]?.split(separator: "/").compactMap { Int($0) } ?? []
        guard words.count == 2, words[1] > 0, (0..<words[1]).contains(words[0]) else { return DeepPart() }
        return DeepPart(number: words[0], count: words[1])
    }
}
