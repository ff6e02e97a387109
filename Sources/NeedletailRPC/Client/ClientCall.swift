//! A call on its way from the task that makes it to the event loop of its client, and back.
//!
//! Unsafe: the task waits in an `UnsafeContinuation`, which costs no allocation and checks nothing. Sound, because a call
//! is completed only where the client's event loop takes it out of its table (ClientCore.swift), or refuses to put it in.
//! And the lock of the submissions, and a call that ends, tell ThreadSanitizer what they order, by addresses that are never
//! followed: the sanitizer understands neither the futex inside a contended `Mutex` nor a continuation that is resumed
//! before its task has gone to sleep.

internal import CIntrinsics
public import NIOCore
internal import NeedletailWire
internal import Synchronization
internal import Timing

/// An answer as it came.
@usableFromInline
struct ClientAnswer: Sendable {
    /// The message, without a frame; empty for a `oneway` call.
    @usableFromInline let message: ByteBuffer
    @usableFromInline let format: RPCFormat
}

/// What identifies a call, and whether its task was cancelled.
final class CallTicket: Sendable {
    let id: UInt32
    private let cancelled = Atomic(false)

    init(id: UInt32) { self.id = id }

    var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

    func cancel() { cancelled.store(true, ordering: .releasing) }

    /// What was done before one thread says this ...
    func handOver() { unsafe nt_tsan_release(Unmanaged.passUnretained(self).toOpaque()) }

    /// ... is done for the one that says this.
    func takeOver() { unsafe nt_tsan_acquire(Unmanaged.passUnretained(self).toOpaque()) }
}

/// A call as its client's event loop takes it.
struct ClientCall: Sendable {
    typealias Outcome = Result<ClientAnswer, RPCClientError>

    /// Who is told how it ended.
    @safe
    enum Completion {
        case task(UnsafeContinuation<Outcome, Never>, CallTicket)
        case handler(@Sendable (Outcome) -> Void)

        /// Tells how the call ended: exactly once.
        func resume(_ outcome: Outcome) {
            switch self {
            case .task(let continuation, let ticket):
                ticket.handOver()
                unsafe continuation.resume(returning: outcome)
            case .handler(let handler): handler(outcome)
            }
        }
    }

    let ticket: CallTicket
    /// The whole message, frame and header included.
    let message: ByteBuffer
    /// Which method it calls, for its bound on calls in flight.
    let method: ObjectIdentifier
    let name: StaticString
    let isOneway: Bool
    let deadline: MonotonicTime
    let completion: Completion

    init(
        _ ticket: CallTicket, _ message: ByteBuffer, method: ObjectIdentifier, name: StaticString, isOneway: Bool,
        deadline: MonotonicTime, completion: Completion
    ) {
        self.ticket = ticket
        self.message = message
        self.method = method
        self.name = name
        self.isOneway = isOneway
        self.deadline = deadline
        self.completion = completion
    }
}

/// What tasks hand to the event loop: together, so that it is woken once for many.
final class ClientSubmissions: Sendable {
    enum Submission: Sendable {
        case call(ClientCall)
        case cancel(UInt32)
    }

    private struct State {
        var submissions: [Submission] = []
        var isAnnounced = false
        var hasEnded = false
    }

    enum Place {
        /// The event loop has to be told.
        case first
        /// It has been told.
        case further
        /// Nobody takes it any more.
        case ended
    }

    private let state = Mutex(State())

    /// Adds one.
    func add(_ submission: Submission) -> Place {
        locked { state in
            if state.hasEnded { return .ended }
            state.submissions.append(submission)
            defer { state.isAnnounced = true }
            return state.isAnnounced ? .further : .first
        }
    }

    /// Takes no more: the event loop is gone.
    func end() { locked { $0.hasEnded = true } }

    var hasEnded: Bool { locked { $0.hasEnded } }

    /// Takes all out, in exchange for an empty array whose storage is used again.
    func take(into taken: inout [Submission]) {
        locked { state in
            swap(&state.submissions, &taken)
            state.isAnnounced = false
        }
    }

    private func locked<Result>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            let address = unsafe Unmanaged.passUnretained(self).toOpaque()
            unsafe nt_tsan_acquire(address)
            defer { unsafe nt_tsan_release(address) }
            return body(&state)
        }
    }
}
