//! Answering a call from a task. The task runs where Swift runs tasks, off the event loop, encodes its answer there, and
//! hops back once to give it. A connection that closes, and a client that cancels the call, cancel the task; as long as it
//! runs it counts among the connection's open late answers, whose number is bounded, also if it does not heed that.

public import NIOCore
internal import Synchronization
public import Timing

/// What an async handler sees of a call besides its arguments.
public struct CallContext: Sendable {
    /// When the end of the call was read from the socket. A deadline counts from here.
    public let arrival: MonotonicTime
    public let format: RPCFormat
    /// Where the call comes from, if its connection or its header says.
    public let origin: CallOrigin?

    public init(arrival: MonotonicTime, format: RPCFormat, origin: CallOrigin? = nil) {
        self.arrival = arrival
        self.format = format
        self.origin = origin
    }
}

extension Call {
    /// What an async handler sees of this call.
    public var context: CallContext { CallContext(arrival: times.arrival, format: format, origin: origin) }

    /// Answers with what `body` returns or throws, from a task of its own. What it knows of the arguments is to be its own,
    /// too (`MessageReader.ownArguments`): the event loop uses the message's buffer again.
    /// - Parameter eventLoop: the connection's, on which this is called: the one that the service was made for.
    /// - Returns: what the handler returns.
    public func later(
        on eventLoop: any EventLoop,
        _ body: @escaping @Sendable (CallContext) async throws(Method.Failure) -> Method.Result
    ) -> Reply {
        let answer = LateAnswer()
        answer.isRunning = true
        let place = NIOLoopBound(answer, eventLoop: eventLoop)
        let waiter = Waiter()
        let task = Task {
            let (bytes, failure) = await message(of: body)
            // The event loop of a connection that is gone may be gone as well.
            if waiter.isThere { eventLoop.execute { place.value.send(bytes, threw: failure) } }
        }
        answer.onCancel = { [unowned answer] in
            if answer.call == nil { waiter.leave() }
            task.cancel()
        }
        return .later(answer)
    }

    /// The whole answer, and the exception that it says.
    private func message(
        of body: @Sendable (CallContext) async throws(Method.Failure) -> Method.Result
    ) async -> (ByteBuffer, (any Error)?) {
        do throws(Method.Failure) {
            return (encoded(try await body(context)), nil)
        } catch {
            return (encoded(error), error)
        }
    }
}

/// Whether there still is a connection that keeps a place for an answer.
private final class Waiter: Sendable {
    private let isGone = Atomic(false)

    var isThere: Bool { !isGone.load(ordering: .relaxed) }

    func leave() { isGone.store(true, ordering: .relaxed) }
}
