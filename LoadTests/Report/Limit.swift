//! What a figure must keep.

/// The most or the least that a figure may be.
enum Limit: Sendable, Hashable, CustomStringConvertible {
    case atMost(Double)
    case atLeast(Double)

    func isKept(by figure: Double) -> Bool {
        switch self {
        case .atMost(let limit): figure <= limit
        case .atLeast(let limit): figure >= limit
        }
    }

    var number: Double {
        switch self {
        case .atMost(let limit), .atLeast(let limit): limit
        }
    }

    var description: String {
        switch self {
        case .atMost(let limit): "at most \(short(limit))"
        case .atLeast(let limit): "at least \(short(limit))"
        }
    }

    /// As a table of the peers has it, where the most is what is meant unless it says otherwise.
    var cell: String {
        switch self {
        case .atMost(let limit): short(limit)
        case .atLeast: description
        }
    }
}

/// A figure against its limit.
struct Verdict: Codable, Hashable, Sendable {
    /// What is compared.
    var figure: String
    var value: Double
    /// As `Limit` describes it.
    var must: String
    var isKept: Bool
    var goal: String?

    /// For people, below a table.
    var line: String { line(isKept ? "kept" : "**missed**") }

    /// The same where nothing is made of asterisks.
    var plainLine: String { line(isKept ? "kept" : "missed") }

    private func line(_ word: String) -> String {
        let goal = goal.map { "; goal \($0)" } ?? ""
        return "\(figure) is \(short(value)) and must be \(must): \(word)\(goal)."
    }

    /// nil where nothing was measured.
    init?(_ figure: String, _ value: Double?, _ limit: Limit, goal: String? = nil) {
        guard let value else { return nil }
        self.figure = figure
        self.value = value
        must = "\(limit)"
        isKept = limit.isKept(by: value)
        self.goal = goal
    }
}
