/// A value that must not reach logs or error text; printing it shows a placeholder.
public struct Redacted<Value: Sendable>: Sendable {
    private let value: Value

    /// Hides `value`.
    public init(_ value: Value) { self.value = value }

    /// Gives the value to code that must use it.
    public func reveal() -> Value { value }
}

extension Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "<redacted>" }
    /// A placeholder.
    public var debugDescription: String { description }
    /// An empty mirror, so `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
