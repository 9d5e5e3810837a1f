/// Which part of a long list is wanted: numbered from 1, ``size`` items each.
public struct PageRequest: Sendable, Equatable {
    /// Items of a full page.
    public static let size = 20
    /// The page's number, from 1.
    public let number: Int

    /// Wants page `number`; numbers below 1 count as 1.
    public init(_ number: Int = 1) { self.number = max(number, 1) }

    /// How many items come before the page.
    public var offset: Int {
        let (offset, isTooFar) = (number - 1).multipliedReportingOverflow(by: Self.size)
        return isTooFar ? .max : offset
    }
}

/// One page of a list, and how long the whole list is.
public struct PageOf<Item: Sendable>: Sendable {
    /// Items of the whole list.
    public let total: Int
    /// The items of this page.
    public let items: [Item]

    /// Puts a page together.
    public init(total: Int, items: [Item]) {
        self.total = total
        self.items = items
    }

    /// The same page with its items changed.
    public func map<Other: Sendable>(_ change: (Item) throws -> Other) rethrows -> PageOf<Other> {
        PageOf<Other>(total: total, items: try items.map(change))
    }
}
