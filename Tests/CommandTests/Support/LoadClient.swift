//! A client that pipelines puts without pause on one thread and reads every answer on another, until the stream ends.

internal import Foundation

final class LoadClient: Sendable {
    struct Outcome: Sendable {
        /// Calls that were handed to the kernel whole.
        var sent = 0
        var answered: [Int] = []
        var errorCount = 0
        /// Bytes behind the last whole answer.
        var restCount = 0
        /// Why reading ended, if not by the end of the stream.
        var failure: String?
    }

    /// Calls handed to the kernel at once.
    static let batch = 16
    private let callBytes: Int

    private let socket: RawSocket
    private let wire: RawProtocol
    private let outcome = LockedBox(Outcome())
    private let isEnding = LockedBox(false)
    private let threads = DispatchGroup()
    private let warm = DispatchSemaphore(value: 0)

    /// - Parameter warmBytes: how many bytes of answers make `waitUntilWarm` return.
    init(_ wire: RawProtocol, port: Int, callBytes: Int, warmBytes: Int) throws {
        self.callBytes = callBytes
        self.wire = wire
        socket = try RawSocket.connect(port: port)
        start { [self] in write() }
        start { [self] in read(warmBytes) }
    }

    private func start(_ work: @escaping @Sendable () -> Void) {
        threads.enter()
        Thread { [threads] in
            work()
            threads.leave()
        }.start()
    }

    /// Returns once the server has answered so many calls that it is under load.
    func waitUntilWarm(seconds: Double) throws {
        guard warm.wait(timeout: .now() + seconds) == .success else { throw TestFailure("too few answers came") }
    }

    /// Returns once the server has ended the stream.
    func finish(seconds: Double) throws -> Outcome {
        guard threads.wait(timeout: .now() + seconds) == .success else {
            throw TestFailure("the connection was not closed within \(seconds) s")
        }
        return outcome.value
    }

    private func write() {
        var next = 0
        while !isEnding.value {
            let calls = (next..<next + Self.batch).flatMap { wire.put(id: $0, size: callBytes) }
            // It fails when the server has closed; what was read tells whether that was in order.
            guard (try? socket.send(calls)) != nil else { return }
            next += Self.batch
            outcome.update { $0.sent = next }
        }
    }

    /// Only collects, so that the server and not this test is what limits the stream; takes it apart at the end.
    private func read(_ warmBytes: Int) {
        var stream: [UInt8] = []
        var failure: String?
        var isWarm = false
        do {
            while case let bytes = try socket.receive(), !bytes.isEmpty {
                stream += bytes
                if !isWarm, stream.count >= warmBytes {
                    isWarm = true
                    warm.signal()
                }
            }
        } catch {
            failure = "\(error)"
        }
        isEnding.update { $0 = true }
        var answers = AnswerStream(wire)
        do { try answers.add(stream) } catch { failure = "\(error)" }
        let (end, parsed) = (failure, answers)
        outcome.update {
            ($0.answered, $0.errorCount) = (parsed.ids, parsed.errorCount)
            ($0.restCount, $0.failure) = (parsed.rest.count, end)
        }
    }
}
