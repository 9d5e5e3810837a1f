/// A sum of rows' codes, modulo 2^256: the same for the same rows in any order, and changed by one row alone.
struct RowSum: Sendable, Equatable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// The sum of no rows.
    init() {}

    /// 32 bytes, the lowest first.
    init(_ bytes: [UInt8]) {
        words = (Self.word(bytes, 0), Self.word(bytes, 8), Self.word(bytes, 16), Self.word(bytes, 24))
    }

    /// Once for each row that comes or goes, so without any collection in between.
    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt64 {
        var word: UInt64 = 0
        var place = min(start + 8, bytes.count)
        while place > start {
            place -= 1
            word = word << 8 | UInt64(bytes[place])
        }
        return word
    }

    var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
    }

    var isZero: Bool { self == RowSum() }

    static func + (left: RowSum, right: RowSum) -> RowSum {
        var sum = RowSum()
        var carry: UInt64 = 0
        func add(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let (part, first) = left.addingReportingOverflow(right)
            let (whole, second) = part.addingReportingOverflow(carry)
            carry = first || second ? 1 : 0
            return whole
        }
        sum.words.0 = add(left.words.0, right.words.0)
        sum.words.1 = add(left.words.1, right.words.1)
        sum.words.2 = add(left.words.2, right.words.2)
        sum.words.3 = add(left.words.3, right.words.3)
        return sum
    }

    static prefix func - (sum: RowSum) -> RowSum {
        var turned = RowSum()
        turned.words = (~sum.words.0, ~sum.words.1, ~sum.words.2, ~sum.words.3)
        return turned + RowSum([1])
    }

    static func == (left: RowSum, right: RowSum) -> Bool { left.words == right.words }
}
