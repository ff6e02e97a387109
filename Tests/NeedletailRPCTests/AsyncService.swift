//! A service that answers from tasks, which wait until a test lets them through.

import NIOCore
import NeedletailWire
import Timing

@testable import NeedletailRPC

/// Where tasks wait until the test lets them through, in a random order, and what became of them. (No `Mutex`: a thread
/// sanitizer takes a contended one for a race.)
actor Gate {
    enum Event {
        /// A task waits.
        case arrived
        /// A task was cancelled while it waited.
        case cancelled
        /// What a task held is gone.
        case released
    }

    private var counts: [Event: Int] = [:]
    private var isOpen = false
    private var passes = 0
    private var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    private var cancelled: Set<Int> = []
    /// Who waits for an event to have happened so often.
    private var watching: [(event: Event, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

    func count(_ event: Event) -> Int { counts[event, default: 0] }

    func note(_ event: Event) {
        counts[event, default: 0] += 1
        for watch in watching where count(watch.event) >= watch.count { watch.continuation.resume() }
        watching.removeAll { count($0.event) >= $0.count }
    }

    /// Waits until the gate is open, or the task is cancelled.
    func pass() async {
        passes += 1
        let id = passes
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if isOpen || cancelled.contains(id) { continuation.resume() } else { waiting[id] = continuation }
                note(.arrived)
            }
        } onCancel: {
            Task { await cancel(id) }
        }
    }

    private func cancel(_ id: Int) {
        cancelled.insert(id)
        waiting.removeValue(forKey: id)?.resume()
        note(.cancelled)
    }

    func openAll() {
        isOpen = true
        for continuation in waiting.values.shuffled() { continuation.resume() }
        waiting = [:]
    }

    /// Waits until an event has happened so often.
    func reaches(_ count: Int, _ event: Event) async {
        if self.count(event) >= count { return }
        await withCheckedContinuation { watching.append((event, count, $0)) }
    }
}

/// Tells when the last one lets go of it.
private final class Probe: Sendable {
    private let gate: Gate

    init(_ gate: Gate) { self.gate = gate }

    deinit { Task { [gate] in await gate.note(.released) } }
}

/// Answers `echo` at once, and others from tasks that pass a gate.
final class AsyncService: RPCService {
    static let methodNames = StubMethod.allCases.map { "\($0)" }

    let notes: CallNotes?
    private let gate: Gate
    private let eventLoop: any EventLoop

    init(_ gate: Gate, _ eventLoop: any EventLoop, notes: CallNotes? = nil) {
        self.gate = gate
        self.eventLoop = eventLoop
        self.notes = notes
    }

    private func serve<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        guard let method = StubMethod.allCases.first(where: { head.method.equals($0.name) }) else {
            throw .unknownMethod(head.method.printable)
        }
        let note: Note
        do throws(WireError) {
            try reader.ownArguments()
            note = try One<Note>(arguments: &reader).request
        } catch { throw .undecodable(error) }
        let (id, keys) = (head.id, reader.answerKeys)
        let gate = gate
        let probe = Probe(gate)
        switch method {
        case .hold:
            let call = Call<Hold>(
                head: AnswerHead(id: id, method: Hold.name, keys: keys), times: times, format: Writer.format)
            let reply = call.later(on: eventLoop) { _ in
                await gate.pass()
                _ = probe
                return Note(String(buffer: note.text), items: ["answered"])
            }
            return CallOutcome(method, reply)
        case .tell:
            let call = Call<Tell>(
                head: AnswerHead(id: id, method: Tell.name, keys: keys), times: times, format: Writer.format)
            let reply = call.later(on: eventLoop) { _ in
                await gate.pass()
                _ = probe
                return NoResult()
            }
            return CallOutcome(method, reply)
        case .fail:
            let call = Call<Fail>(
                head: AnswerHead(id: id, method: Fail.name, keys: keys), times: times, format: Writer.format)
            let reply = call.later(on: eventLoop) { context throws(Fail.Failure) in
                guard context.arrival == times.arrival, context.format == call.format else { return NoResult() }
                throw .other(OtherError("from a task"))
            }
            return CallOutcome(method, reply)
        default:
            let call = Call<Echo>(
                head: AnswerHead(id: id, method: Echo.name, keys: keys), times: times, format: Writer.format)
            return CallOutcome(method, call.answer(note, &writer))
        }
    }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }

    func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome { try serve(head, times, &reader, &writer) }
}
