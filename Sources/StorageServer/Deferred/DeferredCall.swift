//! A call that is answered by a deferred engine, or by its deadline, or by nobody because its client is gone: whichever is
//! first.
//!
//! Threads: all on the event loop. Always true: the answer is given once; when it is, the operation has ended, and no timer
//! is left.

internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI
internal import StorageEngine
internal import Timing

final class DeferredCall<Method: RPCMethod> where Method.Failure == StorageError {
    private let late: LateReply<Method>
    private var timer: LoopTimer?
    private(set) var isDone = false
    private var cancel: () -> Void = {}

    init(_ call: Call<Method>) { late = call.later() }

    /// What the handler returns.
    var reply: Reply { late.reply }

    /// Waits for the operation that was begun.
    /// - Parameters:
    ///   - cancel: ends the operation without a result.
    ///   - expired: gives the answer of a call whose time is over, or cancels and refuses.
    func wait(
        until deadline: MonotonicTime, _ timers: LoopTimers, cancel: @escaping () -> Void,
        expired: @escaping () -> Void
    ) {
        guard !isDone else { return }
        self.cancel = cancel
        timer = timers.schedule(at: deadline, expired)
        late.answer.onCancel = { [weak self] in
            guard let self, !isDone else { return }
            end()
            cancel()
        }
    }

    private func end() {
        isDone = true
        timer?.cancel()
        timer = nil
        cancel = {}
    }

    /// Ends the operation and answers, if it has not ended.
    @inline(__always)
    private func conclude(_ answer: () -> Void) {
        guard !isDone else { return }
        let cancel = cancel
        end()
        cancel()
        answer()
    }

    /// Answers with the method's result.
    func send(_ result: Method.Result) { conclude { late.send(result) } }

    var head: AnswerHead { late.call.head }

    /// Answers with a whole message.
    func send(encoded answer: ByteBuffer) { conclude { late.answer.send(answer) } }

    /// Answers with what `body` writes: a result of the method.
    func send(writing body: some AnswerBody) { conclude { late.send(writing: body) } }

    func fail(_ failure: StorageError) { conclude { late.fail(failure) } }
}
