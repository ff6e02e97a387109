//! A client that does nothing wrong, beside one that does: it calls and waits for the answer, again and again, on a thread
//! of its own, and says in the end whether it was served all the time.

internal import Foundation

final class Bystander: Sendable {
    /// No answer may take longer, on a busy machine too.
    private static let answerSecondsMax = 5.0
    /// Answers that make a test's time worth the word.
    private static let answersMin = 10

    private struct State {
        var answers = 0
        var slowestSeconds = 0.0
        var failure: (any Error)?
        var isEnding = false
    }

    private let state = LockedBox(State())
    private let thread = DispatchGroup()

    /// Runs `body` with a bystander of each protocol.
    /// - Throws: what `body` throws, or a `TestFailure` if a bystander was not served.
    static func watch(_ server: RunningServer, during body: () throws -> Void) throws {
        let bystanders = try RawProtocol.allCases.map { try Bystander($0, port: server.port) }
        let result = Result { try body() }
        for bystander in bystanders { try bystander.finish() }
        try result.get()
    }

    private init(_ wire: RawProtocol, port: Int) throws {
        let socket = try RawSocket.connect(port: port)
        thread.enter()
        Thread { [state, thread] in
            do {
                try Self.call(socket, wire, state)
            } catch {
                state.update { $0.failure = error }
            }
            thread.leave()
        }.start()
    }

    private static func call(_ socket: RawSocket, _ wire: RawProtocol, _ state: LockedBox<State>) throws {
        var stream = AnswerStream(wire)
        // On to the smallest number of answers in any case: a short test must not end before the first.
        while case let now = state.value, !now.isEnding || now.answers < answersMin {
            let id = now.answers
            let start = ContinuousClock.now
            try socket.send(wire.put(id: id, size: 100))
            while stream.ids.count == id {
                let bytes = try socket.receive()
                if bytes.isEmpty { throw TestFailure("the server closed a bystander's connection") }
                try stream.add(bytes)
            }
            guard stream.ids.last == id, stream.errorCount == 0 else {
                throw TestFailure("call \(id) was answered with \(stream.ids.suffix(1)), \(stream.errorCount) errors")
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            state.update {
                $0.answers += 1
                $0.slowestSeconds = max($0.slowestSeconds, seconds)
            }
        }
    }

    private func finish() throws {
        state.update { $0.isEnding = true }
        guard thread.wait(timeout: .now() + 2 * Self.answerSecondsMax) == .success else {
            throw TestFailure("a bystander is not served any more")
        }
        let end = state.value
        if let failure = end.failure { throw TestFailure("a bystander failed: \(failure)") }
        if end.slowestSeconds > Self.answerSecondsMax {
            throw TestFailure("a bystander waited \(end.slowestSeconds) s for an answer")
        }
    }
}
