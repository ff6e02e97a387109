//! Ctrl-C: a flag that every loop of the harness looks at, so that what was started is ended in order.

// Two modules have `sigset_t`, this one through <sys/epoll.h>; which one it is the compiler decides.
internal import CIntrinsics
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Somebody asked the harness to stop.
struct Interrupted: Error, CustomStringConvertible {
    /// What a run had measured until then.
    let partial: Measurement?

    init(_ partial: Measurement? = nil) { self.partial = partial }

    var description: String { "interrupted" }
}

enum Interruption {
    static let notice = "INTERRUPTED: these are the figures up to then"
    private static let flag = Atomic<Bool>(false)

    static var isRequested: Bool { flag.load(ordering: .relaxed) }

    static func request() { flag.store(true, ordering: .relaxed) }

    /// From now on SIGINT, SIGTERM and SIGHUP ask for a stop in order, even where whoever started us blocks them. Writing
    /// to a pipe that nobody reads ends no more than that (`Console`).
    static func install() {
        // Read once here, so that the handler does not run the initialiser.
        _ = isRequested
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in Interruption.request() }
            unsafe sigaddset(&signals, number)
        }
        // A handler that does nothing, because children would inherit that the signal is ignored.
        signal(SIGPIPE) { _ in }
        unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    static func check() throws { if isRequested { throw Interrupted() } }

    /// Runs `body`. If somebody ends it, that is returned, so that what was measured by then can be shown before it is
    /// thrown on.
    /// - Parameter says: whether it is said here that what follows is not all.
    static func caught(says: Bool = true, _ body: () throws -> Void) throws -> Interrupted? {
        do {
            try body()
            return nil
        } catch let failure where isRequested {
            // A system call that the signal cut short fails in its own way.
            Console.endProgress()
            if says { Console.line(notice) }
            return failure as? Interrupted ?? Interrupted()
        }
    }
}
