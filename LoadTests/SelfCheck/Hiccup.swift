//! Stops a server's process once, for a while, while the generator's thread is measuring.

internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

final class Hiccup: Sendable {
    private let hasEnded = DispatchSemaphore(value: 0)

    /// - Parameter after: seconds from now.
    init(of process: Int32, after: Double, millis: Int) {
        Thread { [hasEnded] in
            Thread.sleep(forTimeInterval: after)
            kill(process, SIGSTOP)
            Thread.sleep(forTimeInterval: Double(millis) / 1_000)
            kill(process, SIGCONT)
            hasEnded.signal()
        }.start()
    }

    /// Returns when the process runs again. To be called before the process may be gone.
    func wait() { hasEnded.wait() }
}
