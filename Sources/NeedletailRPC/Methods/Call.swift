//! A call as its handler sees it, and the two ways to answer: now, straight into the connection's output; or later.

public import NIOCore
public import NeedletailWire
internal import Timing

/// What an answer repeats of its call.
public struct AnswerHead: Sendable {
    /// Thrift's sequence id, MessagePack-RPC's msgid.
    public let id: UInt32
    public let method: StaticString
    /// How the maps of a MessagePack answer are keyed.
    public let keys: MessagePackKeys

    @inlinable
    public init(id: UInt32, method: StaticString, keys: MessagePackKeys) {
        self.id = id
        self.method = method
        self.keys = keys
    }
}

/// A call of `Method`: what its handler answers through.
public struct Call<Method: RPCMethod>: Sendable {
    public let head: AnswerHead
    public let times: CallTimes
    public let format: RPCFormat
    /// Where the call comes from, if its connection or its header says.
    public let origin: CallOrigin?

    @inlinable
    public init(head: AnswerHead, times: CallTimes, format: RPCFormat, origin: CallOrigin? = nil) {
        self.head = head
        self.times = times
        self.format = format
        self.origin = origin
    }

    /// Answers now.
    @inlinable
    public func answer<Writer: MessageWriter & ~Copyable>(
        _ result: borrowing Method.Result, _ writer: inout Writer
    ) -> Reply {
        writer.write(result: result, head)
        return .written
    }

    /// Takes a token to answer with later. Return it as the handler's reply.
    public func later() -> LateReply<Method> { LateReply(self) }
}

extension Call where Method.Result == NoResult {
    /// Answers now that it is done.
    @inlinable
    public func answer<Writer: MessageWriter & ~Copyable>(_ writer: inout Writer) -> Reply {
        answer(NoResult(), &writer)
    }
}

/// What a handler did about a call's answer.
public enum Reply {
    /// The answer is in the writer.
    case written
    /// It is, and is true once the service's `finishGroup` has succeeded.
    case provisional
    /// The answer comes with this token.
    case later(LateAnswer)
}

/// A token for the answer to a call of `Method`. Used on the connection's event loop.
public struct LateReply<Method: RPCMethod> {
    public let call: Call<Method>
    public let answer = LateAnswer()

    init(_ call: Call<Method>) { self.call = call }

    /// What the handler returns.
    public var reply: Reply { .later(answer) }

    /// Answers. Only the first answer of a call counts.
    public func send(_ result: Method.Result) { answer.send(call.encoded(result)) }

    /// Answers with what `body` writes: a result of the method.
    public func send(writing body: some AnswerBody) { answer.send(call.encoded(body)) }

    /// Answers with an exception that the method declares.
    public func fail(_ failure: Method.Failure) { answer.send(call.encoded(failure), threw: failure) }
}

/// An answer that can be written in every format.
public protocol AnswerBody {
    /// Writes the whole answer, without a frame.
    func write<Writer: MessageWriter & ~Copyable>(_ head: AnswerHead, to writer: inout Writer)
}

private struct ResultBody<Method: RPCMethod>: AnswerBody {
    let result: Method.Result

    func write<Writer: MessageWriter & ~Copyable>(_ head: AnswerHead, to writer: inout Writer) {
        writer.write(result: result, head)
    }
}

private struct FailureBody<Method: RPCMethod>: AnswerBody {
    let failure: Method.Failure

    func write<Writer: MessageWriter & ~Copyable>(_ head: AnswerHead, to writer: inout Writer) {
        Method.write(failure, head, to: &writer)
    }
}

extension Call {
    /// The whole answer, without a frame. May be called on any thread.
    func encoded(_ result: Method.Result) -> ByteBuffer { encoded(ResultBody<Method>(result: result)) }

    /// The whole answer of a call that failed, without a frame. May be called on any thread.
    public func encoded(_ failure: Method.Failure) -> ByteBuffer { encoded(FailureBody<Method>(failure: failure)) }

    fileprivate func encoded(_ body: some AnswerBody) -> ByteBuffer {
        switch format {
        case .messagePack:
            var writer = MessagePackWriter(ByteWriter(into: ByteBuffer()))
            body.write(head, to: &writer)
            return writer.finish().finish()
        case .thriftBinary:
            var writer = ThriftBinaryWriter(ByteWriter(into: ByteBuffer()))
            body.write(head, to: &writer)
            return writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(ByteWriter(into: ByteBuffer()))
            body.write(head, to: &writer)
            return writer.finish().finish()
        }
    }
}
