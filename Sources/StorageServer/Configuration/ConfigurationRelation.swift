//! Rules between two keys that are each fine alone. A relation is looked at only when both values were accepted, and
//! its error names both, with their values and where these came from.

/// A rule that two keys keep together.
package struct ConfigurationRelation: Sendable {
    package let first: String
    package let second: String
    /// What stands between the two in an error: `must not be longer than`.
    package let rule: String
    /// Whether the two values keep the rule. Asked with all values at hand, because some rules have exceptions.
    package let holds: @Sendable (ResolvedConfiguration) -> Bool

    package var names: [String] { [first, second] }

    package init(
        _ first: String, _ rule: String, _ second: String,
        holds: @escaping @Sendable (ResolvedConfiguration) -> Bool
    ) {
        self.first = first
        self.second = second
        self.rule = rule
        self.holds = holds
    }

    /// The problem, if the rule is broken.
    package func problem(in resolved: ResolvedConfiguration) -> ConfigurationProblem? {
        if holds(resolved) { return nil }
        let (left, right) = (resolved.described(first), resolved.described(second))
        return ConfigurationProblem(nil, first, .relation("\(left) \(rule) \(right)"))
    }
}
