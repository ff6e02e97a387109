//! What calls pass through: the order of interceptors, and which failed calls are made again.

import Logging
import Metrics
import MetricsTestKit
import NeedletailWire
import Synchronization
import Testing
import Timing

@testable import NeedletailRPC

/// A method that changes nothing.
private enum Look: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = Int64
    typealias Failure = Overload

    static let name: StaticString = "look"
    static let isReadOnly = true
    static let exceptions = FieldTable(("error", 1))

    static func write<Writer: MessageWriter & ~Copyable>(
        _ failure: Overload, _ head: AnswerHead, to writer: inout Writer
    ) {}

    static func readFailure<Reader: WireReader & ~Copyable & ~Escapable>(
        _ id: Int16, from reader: inout Reader
    ) throws(WireError) -> Overload? { nil }
}

/// A method that changes something.
private enum Change: RPCMethod {
    typealias Arguments = One<Note>
    typealias Result = Int64
    typealias Failure = Never

    static let name: StaticString = "change"
}

private struct Overload: Error, RetryAdvising, Hashable {
    var retryDelay: Duration?
}

/// Makes calls through `interceptor` to a server that a test plays.
private struct Attempts {
    let interceptor: RetryInterceptor
    let time = ManualTime()

    /// Calls once.
    /// - Parameter answer: what the server does about the attempt with this number, from 1.
    /// - Returns: how the call ended, and how many attempts there were.
    func call<Method: RPCMethod>(
        _ method: Method.Type, timeout: Duration = .seconds(10),
        _ answer: @escaping (Int) throws(CallFailure<Method.Failure>) -> Method.Result
    ) async -> (result: Result<Method.Result, CallFailure<Method.Failure>>, attempts: Int)
    where Method.Arguments == One<Note> {
        let clock = Clock.manual(time)
        let call = OutgoingCall<Method>(
            arguments: One(Note("x")), metadata: CallMetadata(), deadline: clock.now().advanced(by: timeout),
            clock: clock)
        var attempts = 0
        do throws(CallFailure<Method.Failure>) {
            let result = try await interceptor.intercept(call) { (call) async throws(CallFailure<Method.Failure>) in
                attempts += 1
                return try answer(attempts)
            }
            return (.success(result), attempts)
        } catch {
            return (.failure(error), attempts)
        }
    }
}

@Suite struct RetryTests {
    private static let passing: [RPCClientError] = [
        .notConnected("no"), .connectionClosed(.unknown), .timedOut(.read, .unknown), .timedOut(.write, .notExecuted),
        .undecodable(.truncated),
    ]
    private static let final: [RPCClientError] = [
        .tooManyInFlight(method: "look", limit: 1), .cancelled(.unknown), .clientClosed,
        .refused(ApplicationException(.unknownMethod, "no")),
    ]

    @Test(arguments: passing) func aReadThatFailedIsMadeAgain(_ error: RPCClientError) async {
        let attempts = Attempts(interceptor: RetryInterceptor())
        let (result, count) = await attempts.call(Look.self) { (attempt) throws(CallFailure<Overload>) in
            if attempt < 3 { throw .call(error) }
            return 7
        }
        #expect(result == .success(7))
        #expect(count == 3)
    }

    @Test(arguments: passing) func aChangeIsNeverMadeAgain(_ error: RPCClientError) async {
        let attempts = Attempts(interceptor: RetryInterceptor())
        let (result, count) = await attempts.call(Change.self) { (_) throws(CallFailure<Never>) in throw .call(error) }
        #expect(result == .failure(.call(error)))
        #expect(count == 1)
    }

    @Test(arguments: final) func whatWouldFailAgainIsNotTried(_ error: RPCClientError) async {
        let attempts = Attempts(interceptor: RetryInterceptor())
        let (result, count) = await attempts.call(Look.self) { (_) throws(CallFailure<Overload>) in throw .call(error) }
        #expect(result == .failure(.call(error)))
        #expect(count == 1)
    }

    @Test func anExceptionMayAdviseARetryAndAfterHowLong() async {
        let attempts = Attempts(interceptor: RetryInterceptor())
        let advised = await attempts.call(Look.self) { (attempt) throws(CallFailure<Overload>) in
            if attempt == 1 { throw .exception(Overload(retryDelay: .milliseconds(1))) }
            return 1
        }
        #expect(advised.attempts == 2)
        let refused = await attempts.call(Look.self) { (_) throws(CallFailure<Overload>) in
            throw .exception(Overload(retryDelay: nil))
        }
        #expect(refused.attempts == 1)
        let tooLate = await attempts.call(Look.self, timeout: .milliseconds(50)) { (_) throws(CallFailure<Overload>) in
            throw .exception(Overload(retryDelay: .milliseconds(51)))
        }
        #expect(tooLate.attempts == 1, "the call's time would be over")
    }

    @Test func thereAreNotMoreAttemptsThanAllowed() async {
        let attempts = Attempts(interceptor: RetryInterceptor())
        let (result, count) = await attempts.call(Look.self) { (_) throws(CallFailure<Overload>) in
            throw .call(.notConnected("no"))
        }
        #expect(result == .failure(.call(.notConnected("no"))))
        #expect(count == 3)
    }

    @Test func allRetriesTogetherStayWithinTheBudget() async {
        var interceptor = RetryInterceptor(share: 0.1)
        interceptor.backoff = Backoff(first: .nanoseconds(1), most: .nanoseconds(1))
        let attempts = Attempts(interceptor: interceptor)
        var count = 0
        let calls = 2_000
        for _ in 0..<calls {
            count += await attempts.call(Look.self) { (_) throws(CallFailure<Overload>) in
                throw .call(.notConnected("no"))
            }.attempts
        }
        #expect(count - calls <= calls / 10 + 10)
        #expect(count - calls >= calls / 10)
    }

    @Test func aBudgetIsNotSavedUpWithoutEnd() {
        let budget = RetryBudget(share: 0.1)
        for _ in 0..<100_000 { budget.deposit() }
        var taken = 0
        while budget.withdraw() { taken += 1 }
        #expect(taken <= 100)
    }
}

@Suite struct ClientInterceptorTests {
    /// Notes when calls pass, and says so in the call's baggage.
    private struct Marker: ClientInterceptor {
        let name: String
        let notes: Notes

        func intercept<Method: RPCMethod>(
            _ call: OutgoingCall<Method>,
            next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
        ) async throws(CallFailure<Method.Failure>) -> Method.Result {
            var call = call
            call.metadata.baggage[name] = "\(call.metadata.baggage.count)"
            await notes.add("\(name) before \(call.metadata.baggage.count)")
            do throws(CallFailure<Method.Failure>) {
                let result = try await next(call)
                await notes.add("\(name) after")
                return result
            } catch {
                await notes.add("\(name) failed")
                throw error
            }
        }
    }

    private struct Transparent: ClientInterceptor {}

    private actor Notes {
        var lines: [String] = []
        func add(_ line: String) { lines.append(line) }
    }

    /// A client of a server that is not there.
    private func unconnected(_ interceptors: [any ClientInterceptor]) -> RPCClient {
        RPCClient(
            to: .unixSocket("/nonexistent/needletail.sock"),
            RPCClientConfiguration(interceptors: interceptors))
    }

    @Test func callsPassThroughInterceptorsFromTheFirstToTheLast() async {
        let notes = Notes()
        let client = unconnected([Marker(name: "a", notes: notes), Transparent(), Marker(name: "b", notes: notes)])
        await #expect(throws: CallFailure<NoteError>.self) { try await client.call(Echo.self, One(Note("x"))) }
        #expect(await notes.lines == ["a before 1", "b before 2", "b failed", "a failed"])
        await client.close()
    }

    @Test func callsAreCountedAndMeasured() async throws {
        let metrics = TestMetrics()
        let client = unconnected([MetricsInterceptor(factory: metrics)])
        for _ in 0..<3 {
            await #expect(throws: CallFailure<NoteError>.self) { try await client.call(Echo.self, One(Note("x"))) }
        }
        let counter = try metrics.expectCounter(
            "rpc_client_calls_total", [("method", "echo"), ("status", "not_connected")])
        #expect(counter.totalValue == 3)
        let duration = try metrics.expectTimer("rpc_client_call_duration", [("method", "echo")])
        #expect(duration.values.count == 3)
        await client.close()
    }

    @Test func failedCallsAreLoggedWithTheirEffect() async {
        let lines = LogLines()
        var logger = Logger(label: "test", factory: { _ in LineHandler(lines: lines) })
        logger.logLevel = .warning
        let client = unconnected([LoggingInterceptor(logger)])
        await #expect(throws: CallFailure<NoteError>.self) {
            try await client.call(
                Echo.self, One(Note("x")), options: CallOptions(metadata: CallMetadata(logID: "log-17")))
        }
        #expect(lines.all.count == 1)
        for part in ["a call failed", "echo", "notExecuted", "log-17"] {
            #expect(lines.all.first?.contains(part) == true)
        }
        await client.close()
    }
}

private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct LineHandler: LogHandler {
    let lines: LogLines
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message) \(event.metadata ?? [:])") }
}
