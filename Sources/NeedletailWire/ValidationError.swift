/// A value breaks a rule of its IDL (`vt.` annotations); thrown by the generated `validate()`.
public struct ValidationError: Error, Sendable, Hashable {
    /// The field that breaks it, from the outermost struct: `request.key`, `keys[3]`, `baggage[key]`.
    public var field: String
    /// What is there and what the rule asks: `has 0 bytes; vt.min_size is 1`. Never holds the value's bytes.
    public var violation: String

    public init(field: String, violation: String) {
        self.field = field
        self.violation = violation
    }

    /// The same, seen from the struct that holds this one as `outer`.
    public func inside(_ outer: String) -> ValidationError {
        ValidationError(field: "\(outer).\(field)", violation: violation)
    }
}

extension ValidationError: CustomStringConvertible {
    public var description: String { "\(field) \(violation)" }
}
