//! A getDataByRange that is under way: all periods of the range are read at once, as far as the width allows, and each is
//! decoded into the answer when its blob has come, while others are still waited for.
//!
//! Threads: on the loop of its service. Always true: it answers once; it ends when all periods have come, when the answer
//! has as many events as it may, at the deadline, or when nobody waits for it any more; then the read is cancelled and its
//! pages are back in the pool.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI
internal import StorageEngine
internal import Timing

final class RangeRead<Engine: DeferredEngine> {
    private let service: HistoryService<Engine>
    private let late: LateReply<HistoryMethods.GetDataByRange>
    private let deadline: MonotonicTime
    /// The deadline ends the call with an error.
    private let waitsForAll: Bool
    /// In the order of the answer.
    private let numbers: [Int64]
    private let keys: BinaryList
    private var answer: RangeAnswer
    private var read: MultiRead?
    private var timer: LoopTimer?
    private var hasEnded = false

    init(
        _ numbers: [Int64], owner: RawSpan, _ order: AnswerOrder, waitsForAll: Bool, until deadline: MonotonicTime,
        for service: HistoryService<Engine>, _ late: LateReply<HistoryMethods.GetDataByRange>
    ) {
        self.service = service
        self.late = late
        self.deadline = deadline
        self.waitsForAll = waitsForAll
        self.numbers = numbers
        keys = HistoryKey.keys(owner, numbers)
        answer = RangeAnswer(
            order, AnswerShape(format: late.call.format, head: late.call.head), periodCount: numbers.count,
            responseSizeMax: service.limits.responseSizeMax)
    }

    /// What the handler returns.
    var reply: Reply { late.reply }

    func begin() {
        let read = MultiRead(keys, width: service.configuration.width) { self.finish() }
        read.onValue = { place, blob in self.take(blob, at: place) }
        read.observer = service.host.partObserver
        self.read = read
        late.answer.onCancel = { _ = self.end() }
        service.engine.multiGet(read, session: service.session)
        // The engine may have answered at once.
        if !hasEnded { timer = service.timers.schedule(at: deadline) { self.expire() } }
    }

    /// Decodes what has come for a period.
    private func take(_ blob: ByteBuffer, at place: Int) {
        guard !hasEnded else { return }
        guard service.clock.now() < deadline else { return expire() }
        // What does not fit need not be decoded.
        guard place < answer.end else { return }
        var page = service.pages.take()
        do throws(BlobError) {
            try page.read(
                blob, answer.order, answer.shape, sizeMax: answer.sizeMax, until: deadline, reader: service.reader)
        } catch {
            if error == .deadlineExceeded { return expire() }
            let start = service.periods.start(of: numbers[place])
            return fail(service.failure(of: error, at: start))
        }
        for page in answer.take(page, at: place) { service.pages.give(page) }
        if answer.isFull(isEmpty: isEmpty) { send() }
    }

    /// Whether nothing is stored for the period at a place.
    private func isEmpty(_ place: Int) -> Bool { read?.statuses[place] == .missing }

    // MARK: The end

    /// All periods have come or have failed.
    private func finish() {
        guard let read, !hasEnded else { return }
        if let failure = read.failure {
            let failed = read.statuses.count { $0 == .failed }
            // An answer with some of the periods is worth more than none; one without any is not.
            if waitsForAll || failed == numbers.count { return fail(service.host.failure(of: failure)) }
        }
        send()
    }

    private func expire() {
        service.host.exceededDeadline()
        if waitsForAll {
            fail(.refusal(.deadlineExceeded, "not all periods were read within the call's time"))
        } else {
            send()
        }
    }

    private func send() {
        guard !hasEnded else { return }
        let bytes = answer.encoded(isEmpty: isEmpty) { service.periods.start(of: numbers[$0]) }
        if end() { late.answer.send(bytes) }
    }

    private func fail(_ error: StorageError) { if end() { late.fail(error) } }

    /// - Returns: false if it had ended before.
    private func end() -> Bool {
        if hasEnded { return false }
        hasEnded = true
        timer?.cancel()
        timer = nil
        read?.cancel()
        read = nil
        for page in answer.takePages() { service.pages.give(page) }
        return true
    }
}
