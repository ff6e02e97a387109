//! What is varied, and over which range.

internal import ArgumentParser

enum ScaleAxis: String, Sendable, Hashable, Codable, CaseIterable, ExpressibleByArgument {
    case keys
    case connections
    case eventLoops = "event-loops"
    case keysPerCall = "keys-per-call"

    /// As a table names what grows.
    var title: String {
        switch self {
        case .keys: "keys"
        case .connections: "connections"
        case .eventLoops: "event loops"
        case .keysPerCall: "keys per multiGet"
        }
    }

    /// - Parameter isQuick: leaves out what takes long.
    func values(isQuick: Bool) -> [Int] {
        switch self {
        case .keys: [10_000, 100_000, 1_000_000] + (isQuick ? [] : [10_000_000])
        case .connections: [10, 100, 1_000] + (isQuick ? [] : [10_000])
        case .eventLoops: [1, 2]
        case .keysPerCall: [1, 10, 100, 1_000] + (isQuick ? [] : [10_000])
        }
    }

    /// What is called at one of the values.
    func shapes(at value: Int) -> [CallShape] {
        switch self {
        case .keys, .eventLoops: [.get, .multiGet(100)]
        case .connections: [.get]
        case .keysPerCall: [.multiGet(value)]
        }
    }
}

/// What each point is measured with.
struct ScaleTiming: Sendable {
    /// One measured part, and the warm-up before it.
    var seconds: Double
    var warmUpSeconds: Double
    var rounds: Int
}
