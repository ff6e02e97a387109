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

    private let thread: pthread_t

    /// Starts the thread.
    /// - Parameter name: at most 15 bytes, shown by `top -H`.
    package init(_ name: String, priority: Priority = .normal, _ body: @escaping @Sendable () -> Void) {
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
        precondition(code == 0, "the system has no thread for \(name): error \(code)")
        self.thread = thread
    }

    /// Waits for the thread's end. Called once.
    package func join() { pthread_join(thread, nil) }
}
