//! Ctrl-C: a flag that every loop looks at which waits, so that what was started is ended in order.

internal import Foundation
internal import Synchronization

enum Interruption {
    private static let flag = Atomic<Bool>(false)

    /// From now on SIGINT, SIGTERM and SIGHUP ask for a stop in order.
    static func install() {
        // Read once here, so that the handler does not run the initialiser.
        _ = flag.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.flag.store(true, ordering: .relaxed) }
        }
    }

    static func check() throws {
        if flag.load(ordering: .relaxed) { throw CostError("interrupted; what was started has been ended") }
    }
}
