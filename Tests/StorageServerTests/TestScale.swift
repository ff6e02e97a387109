import Foundation

/// How much work the tests do: `TEST_SCALE=full` for the counts that a release asks for.
enum TestScale {
    static let isFull = ProcessInfo.processInfo.environment["TEST_SCALE"] == "full"
}
