//! A service that answers from tasks, which wait until a test lets them through.

import NIOCore
import NeedletailWire
import Synchronization
import Timing

@testable import NeedletailRPC

/// Where tasks wait until the test lets them through, in a random order, and what became of them.
final class Gate: Sendable {
    enum Event: Int, CaseIterable {
        /// A task waits.
        case arrived
        /// A task was cancelled while it waited.
        case cancelled
        /// What a task held is gone.
        case released
    }

    private struct State {
        var counts = [Int](repeating: 0, count: Event.allCases.count)
        var isOpen = false
        var passes = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<Int> = []
        /// Who waits for an event to have happened so often.
        var watching: [(event: Event, count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// Counts an event, and says who waited for it.
        mutating func note(_ event: Event) -> [CheckedContinuation<Void, Never>] {
            counts[event.rawValue] += 1
            let counts = counts
            let reached = watching.filter { counts[$0.event.rawValue] >= $0.count }.map(\.continuation)
            watching.removeAll { counts[$0.event.rawValue] >= $0.count }
            return reached
        }
    }

    private let state = Mutex(State())

    func count(_ event: Event) -> Int { state.withLock { $0.counts[event.rawValue] } }

    func note(_ event: Event) {
        for continuation in state.withLock({ $0.note(event) }) { continuation.resume() }
    }

    /// Waits until the gate is open, or the task is cancelled.
    func pass() async {
        let id = state.withLock { state in
            state.passes += 1
            return state.passes
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let passes = state.withLock { state in
                    if state.isOpen || state.cancelled.contains(id) { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if passes { continuation.resume() }
                note(.arrived)
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.cancelled.insert(id)
                return state.waiting.removeValue(forKey: id)
            }
            continuation?.resume()
            note(.cancelled)
        }
    }

    func openAll() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting.shuffled() { continuation.resume() }
    }

    /// Waits until an event has happened so often.
    func reaches(_ count: Int, _ event: Event) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.counts[event.rawValue] >= count { return true }
                state.watching.append((event, count, continuation))
                return false
            }
            if isReached { continuation.resume() }
        }
    }
}

/// Tells when the last one lets go of it.
private final class Probe: Sendable {
    private let gate: Gate

    init(_ gate: Gate) { self.gate = gate }

    deinit { gate.note(.released) }
}

/// Answers `echo` at once, and others from tasks that pass a gate.
final class AsyncService: RPCService {
    static let methodNames = StubMethod.allCases.map { "\($0)" }

    private let gate: Gate
    private let eventLoop: any EventLoop

    init(_ gate: Gate, _ eventLoop: any EventLoop) {
        self.gate = gate
        self.eventLoop = eventLoop
    }

    private func serve<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> CallOutcome {
        guard let method = StubMethod.allCases.first(where: { head.method.equals($0.name) }) else {
            throw .unknownMethod(head.method.printable)
        }
        let note: Note
        do throws(WireError) { note = try One<Note>(arguments: &reader).request } catch { throw .undecodable(error) }
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
