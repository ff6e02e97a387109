//! Threads for work that blocks in the kernel, which neither an event loop nor the cooperative pool may do.

internal import CIntrinsics

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A thread of the system's that runs one body to its end.
@safe
package struct DedicatedThread: @unchecked Sendable {
    /// How willingly the thread gives way to others, as `nice` has it.
    package enum Priority: Int32, Sendable {
        case normal = 0
        /// For work that can wait: a busy server's event loops come first.
        case low = 10
    }

    private final class Start {
        let name: String
        let priority: Priority
        let body: @Sendable () -> Void

        init(name: String, priority: Priority, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.priority = priority
            self.body = body
        }
    }

    /// The system has no more threads for this process.
    package struct Unavailable: Error, Sendable, Hashable, CustomStringConvertible {
        package let name: String
        /// The system's number of the error.
        package let code: Int32

        package init(name: String, code: Int32) {
            self.name = name
            self.code = code
        }

        package var description: String { "the system has no thread for \(name): error \(code)" }
    }

    private let thread: pthread_t

    /// Starts a thread that there must be.
    /// - Parameter name: at most 15 bytes, shown by `top -H`.
    package init(_ name: String, priority: Priority = .normal, _ body: @escaping @Sendable () -> Void) {
        do {
            self = try .started(name, priority: priority, body)
        } catch {
            preconditionFailure(error.description)
        }
    }

    /// Starts a thread that one can do without.
    package static func started(
        _ name: String, priority: Priority = .normal, _ body: @escaping @Sendable () -> Void
    ) throws(Unavailable) -> DedicatedThread {
        let start = unsafe Unmanaged.passRetained(Start(name: name, priority: priority, body: body))
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                unsafe nt_name_thread(start.name)
                if start.priority != .normal { nt_set_thread_nice(start.priority.rawValue) }
                start.body()
                return nil
            }, unsafe start.toOpaque())
        guard code == 0 else {
            unsafe start.release()
            throw Unavailable(name: name, code: code)
        }
        return DedicatedThread(thread: thread)
    }

    private init(thread: pthread_t) { self.thread = thread }

    /// Waits for the thread's end. Called once.
    package func join() { pthread_join(thread, nil) }
}
