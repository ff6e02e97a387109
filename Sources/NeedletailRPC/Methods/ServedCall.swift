//! What the generated dispatch of a service is made of.

public import NeedletailWire

/// Is told what became of each call that reached its method, once: for a service's counters.
public protocol CallCounting: AnyObject {
    /// Told when a call is answered, at once or later.
    /// - Parameters:
    ///   - method: its number.
    ///   - failure: the exception that it answered.
    func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?)

    /// Told when nobody waits any more for the answer to a call: its client cancelled it, or is gone.
    func cancelled(_ method: Int, _ format: RPCFormat)
}

extension CallCounting {
    @inlinable
    public func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {}

    @inlinable
    public func cancelled(_ method: Int, _ format: RPCFormat) {}
}

/// What every generated handler protocol has.
public protocol RPCHandler: CallCounting {}

/// A call that reached its method.
public struct ServedCall {
    public let reply: Reply
    public let failure: (any Error)?

    @inlinable
    public init(_ reply: Reply, threw failure: (any Error)? = nil) {
        self.reply = reply
        self.failure = failure
    }

    /// Whether the answer was given at once. Of others the connection tells when they are answered.
    @inlinable
    public var isAnswered: Bool {
        if case .later = reply { false } else { true }
    }
}

extension Call {
    /// A call whose arguments have been read.
    @inlinable
    public init<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: borrowing Reader, _ writer: borrowing Writer
    ) {
        self.init(
            head: AnswerHead(id: head.id, method: Method.name, keys: reader.answerKeys), times: times,
            format: Writer.format, origin: head.origin)
    }

    /// Answers now with an exception, in place of what was written since `mark`.
    @inlinable
    public func fail<Writer: MessageWriter & ~Copyable>(
        _ failure: Method.Failure, from mark: ByteWriter.Mark, _ writer: inout Writer
    ) -> ServedCall {
        writer.rewind(to: mark)
        Method.write(failure, head, to: &writer)
        return ServedCall(.written, threw: failure)
    }
}

extension MessageReader where Self: ~Copyable, Self: ~Escapable {
    /// Goes to the end of a message whose arguments begin at `offset` and could not be used.
    @inlinable
    @_lifetime(self: copy self)
    public mutating func passOverArguments(from offset: Int) throws(CallRefusal) {
        restart(at: offset)
        do throws(WireError) { try skipArguments() } catch { throw .undecodable(error) }
    }
}

extension RPCArguments {
    /// No such field.
    @inlinable
    public mutating func carry(_ metadata: CallMetadata) {}

    /// No rules.
    @inlinable
    public func validate() throws(ValidationError) {}
}
