//! Whether the data is loaded: said by the thread that loads it, asked by every call.

internal import Synchronization

/// How far the data has been loaded.
package final class Loading: Sendable, CustomStringConvertible {
    /// For how long clients are told to wait, at least and at most, milliseconds.
    private static let retryMillis: ClosedRange<Double> = 50...1_000

    private let done: Atomic<Bool>
    private let percent = Atomic<Int>(0)
    private let retry = Atomic<Int32>(Int32(retryMillis.upperBound))

    /// - Parameter isDone: there is nothing to load.
    package init(isDone: Bool) { done = Atomic(isDone) }

    /// For servers that load nothing.
    package static let done = Loading(isDone: true)

    package var isDone: Bool { done.load(ordering: .relaxed) }

    /// Calls are served from now on.
    package func finish() { done.store(true, ordering: .releasing) }

    /// Notes how far it is.
    /// - Parameters:
    ///   - fraction: of the bytes to read, those that have been.
    ///   - seconds: how long that took.
    package func progress(to fraction: Double, after seconds: Double) {
        let fraction = min(max(fraction, 0), 1)
        percent.store(Int(fraction * 100), ordering: .relaxed)
        let left = fraction > 0 ? seconds / fraction * (1 - fraction) * 1_000 : Self.retryMillis.upperBound
        retry.store(
            Int32(min(max(left, Self.retryMillis.lowerBound), Self.retryMillis.upperBound)), ordering: .relaxed)
    }

    /// When a call that was refused may be tried again, milliseconds.
    package var retryAfterMillis: Int32 { retry.load(ordering: .relaxed) }

    package var description: String { "loading \(percent.load(ordering: .relaxed))%" }
}
