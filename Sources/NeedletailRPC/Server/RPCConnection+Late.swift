//! Calls that are answered later than they are served. An answer that was given is moved to the output in the
//! connection's next turn, which `given` sees to, so that all of a tick leave together, and so that a service may give one
//! while it serves another call of the same connection.

internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire
internal import Timing

extension RPCConnection {
    /// Whether an answer leaves in the order of the calls.
    private func isOrdered(_ answer: LateAnswer) -> Bool {
        switch framing {
        case .undecided, .unframed(.messagePack), .framed(.messagePack): false
        case .unframed, .framed: true
        case .headed: answer.header?.isOrdered ?? true
        }
    }

    /// Whether the open late answers, and those that wait behind them, leave room for another call, and so do those of
    /// others.
    var hasRoomForLateAnswers: Bool { late.hasRoom(bytesMax: loop.limits.unsentBytesHigh) && !loop.admission.isCrowded }

    // MARK: From the service

    /// Keeps the token of a call that was served just now and whose answer is to come, or has come meanwhile.
    func expect(_ answer: LateAnswer, _ call: consuming LateCall) {
        let (isAnswered, wantsAnswer) = (answer.isAnswered, call.wantsAnswer)
        let hasLeft = isAnswered && wantsAnswer && !answer.isGiven
        precondition(answer.call == nil && !answer.isCancelled && !hasLeft, "each call has a token of its own")
        let isOrdered = wantsAnswer && isOrdered(answer)
        if isAnswered {
            count(answer, &call)
            if !loop.interceptors.isEmpty { tell(.answered, call) }
            guard wantsAnswer else { return }
            guard isOrdered, late.holdsBackOthers else { return write(answer) }
        } else {
            answer.call = call
        }
        late.add(answer, isOrdered: isOrdered)
    }

    /// Counts a call whose answer was given just now. What a task does for it is its execution; what it waited for
    /// otherwise is a sync.
    private func count(_ answer: LateAnswer, _ call: inout LateCall) {
        let served = answer.isRunning ? loop.now : call.served
        metrics.record(call.method, call.times, served: served, end: loop.now)
        if call.wantsAnswer {
            metrics.sizes.record(answer.byteCount, in: RPCMetrics.place(ofAnswersOf: call.method))
        }
        recordCaller(of: call)
        let (method, format) = (call.method, call.format)
        withNotes(of: &call, served: served, answerBytes: answer.byteCount) {
            service.answered(method, format, threw: answer.failure)
        }
        loop.admission.ended(call.method, since: call.times.start, at: loop.now)
    }

    private func recordCaller(of call: LateCall) {
        guard let caller = call.caller else { return }
        callers?.record(nanoseconds: loop.now.nanoseconds(since: call.times.arrival), at: caller)
    }

    /// Told by a token that its answer is there.
    func given(_ answer: LateAnswer) {
        guard var call = answer.call.take() else { return }
        heldSince = loop.readClock()
        count(answer, &call)
        if !loop.interceptors.isEmpty { tell(.answered, call) }
        if call.wantsAnswer { late.given(answer, isOrdered: isOrdered(answer)) } else { late.removeUnordered(answer) }
        loop.enlist(self)
    }

    /// Told by the token of a call that was cancelled, and ran on, that it has ended.
    func ended(_ answer: LateAnswer) {
        heldSince = loop.readClock()
        if let call = answer.call { loop.admission.gaveUp(call.method) }
        answer.call = nil
        late.removeUnordered(answer)
        loop.enlist(self)
    }

    // MARK: To the client

    /// Moves what was given to the output, as far as it may leave.
    func moveLateAnswers() {
        guard let context else { return }
        let leaving = late.takeLeaving()
        for answer in leaving {
            write(answer)
            // So much is not sent at once, but waits for its turn.
            if (output.value?.byteCount ?? 0) > Self.portionMax { flushOutput(context) }
        }
        late.reuse(leaving)
    }

    /// Writes an answer, and what waited for it.
    private func write(_ answer: LateAnswer) {
        if answer.leavesAsItStands, output.value == nil {
            // Not through a variable, which would hold it too: then it would be copied.
            output.value = ByteWriter(continuing: answer.takeWhole())
            return writeBehind(answer)
        }
        var writer = takeOutput()
        if let bytes = answer.takeBytes() {
            if let header = answer.header {
                store(bytes, behind: header, in: &writer)
            } else {
                if case .framed = framing { writer.store(UInt32(truncatingIfNeeded: bytes.readableBytes).bigEndian) }
                writer.store(bytes)
            }
            // What went by reference comes back as a reference, which does no harm.
            if answer.isPrepared { loop.pool.give(bytes) }
        }
        output.value = consume writer
        writeBehind(answer)
    }

    private func writeBehind(_ answer: LateAnswer) {
        if answer.behind.isEmpty { return }
        var writer = takeOutput()
        for bytes in answer.behind { writer.store(bytes) }
        answer.behind = []
        output.value = consume writer
    }

    /// Has the token keep an output that holds nothing but the answer the service has written for it, and its frame.
    func keepPrepared(_ call: CallOutcome?, _ bytes: consuming ByteWriter, frameBytes: Int) {
        var bytes = bytes.finish()
        guard case .later(_, let answer) = call else { preconditionFailure("only a prepared answer keeps its output") }
        bytes.moveReaderIndex(forwardBy: frameBytes)
        answer.prepare(bytes, leavesAsItStands: true)
    }

    /// Has the token keep what the service has written for it since `mark`.
    func keepPrepared(_ call: CallOutcome?, in bytes: borrowing ByteWriter, since mark: ByteWriter.Mark) {
        guard case .later(_, let answer) = call, answer.isPrepared else { return }
        answer.prepare(bytes.copy(since: mark, into: loop.pool.take(minimumCapacity: 0)))
    }

    /// Keeps a finished answer, frame and all, until those before it have left.
    func keepBehind(_ writer: consuming ByteWriter) {
        guard writer.byteCount > 0 else { return loop.pool.give(writer.finish { _ in }) }
        loop.pool.give(writer.finish { late.keep($0) })
    }

    // MARK: Cancelling

    /// Cancels the open call with this id. Its answer is an error then, which is for the caller to write.
    /// - Returns: false if there is no such call.
    func cancelCall(_ id: UInt32) -> Bool {
        guard !late.isEmpty, let answer = late.open(id), var call = answer.call else { return false }
        if answer.isRunning {
            // Who cancels and calls again all the time would have any number of tasks running.
            answer.call?.wantsAnswer = false
        } else {
            late.removeUnordered(answer)
            loop.admission.gaveUp(call.method)
            answer.call = nil
        }
        metrics.record(call.method, call.times, end: loop.readClock())
        recordCaller(of: call)
        countCancelled(&call)
        drop(answer)
        return true
    }

    private func countCancelled(_ call: inout LateCall) {
        let (method, format) = (call.method, call.format)
        withNotes(of: &call, served: call.served, answerBytes: 0) { service.cancelled(method, format) }
        if !loop.interceptors.isEmpty { tell(.cancelled, call) }
    }

    /// Tells that nobody waits for the answer. What was written for it goes back to the pool.
    private func drop(_ answer: LateAnswer) {
        if answer.isPrepared, let bytes = answer.takeBytes() { loop.pool.give(bytes) }
        answer.cancel()
    }

    /// Cancels all, because nobody is there to be answered.
    func cancelLateAnswers() {
        guard !late.isEmpty else { return }
        let all = late.takeAll()
        loop.readClock()
        for answer in all where !answer.isCancelled {
            guard var call = answer.call else { continue }
            countCancelled(&call)
        }
        // First all: what is called may give other answers.
        for answer in all {
            if let call = answer.call { loop.admission.gaveUp(call.method) }
            answer.call = nil
        }
        for answer in all { drop(answer) }
    }
}
