//! Reading a message's envelope in each format, handing the call to the service, and answering what did not reach it.

internal import NIOCore
internal import NeedletailWire

/// The output with (or without) an answer, and what became of the message.
struct AnsweredMessage: ~Copyable {
    var bytes: ByteWriter
    let hasAnswer: Bool
    /// The call's; 0 if there was none.
    let id: UInt32
    /// What became of the call; nil if it reached no method.
    let call: CallOutcome?
    let outcome: MessageOutcome

    consuming func finish() -> ByteWriter { bytes }
}

extension RPCConnection {
    // MARK: Thrift

    func answerThriftBinary(
        _ message: borrowing ByteBuffer, _ times: CallTimes, _ origin: CallOrigin?, isFramed: Bool,
        _ extent: MessageExtent, _ bytes: consuming ByteWriter
    ) -> AnsweredMessage {
        var reader = ThriftBinaryReader(message, budget: loop.limits.budget)
        var writer = ThriftBinaryWriter(bytes)
        let outcome: MessageOutcome
        var hasAnswer = false
        var call: CallOutcome?
        var id: UInt32 = 0
        do throws(WireError) {
            let envelope = try reader.readHead()
            let head = CallHead(envelope, origin)
            let arguments = reader.offset
            var refusal = Self.refusal(extent, limit: loop.limits.frameSizeMax)
            if envelope.kind == .reply || envelope.kind == .exception {
                writer.writeHead(.exception, name: envelope.name, sequenceID: envelope.sequenceID)
                ApplicationException(.invalidMessageType, "only calls are served here").encode(to: &writer)
                outcome = Self.end(of: &reader, arguments: arguments, isFramed: isFramed, extent)
            } else {
                if refusal == nil {
                    do throws(CallRefusal) {
                        if !loop.interceptors.isEmpty {
                            try intercept(head, times, &reader, .thriftBinary, arguments, isFramed: isFramed, extent)
                        }
                        call = try service.call(head, admit(head, times), &reader, &writer)
                    } catch { refusal = error }
                }
                outcome = conclude(
                    head, refusal, times, &reader, &writer, arguments, isFramed: isFramed, extent)
            }
            (id, hasAnswer) = (head.id, head.wantsAnswer)
        } catch {
            outcome = Self.unreadable(error, extent)
        }
        if case .truncated = outcome { hasAnswer = false }
        return AnsweredMessage(
            bytes: writer.finish(), hasAnswer: hasAnswer, id: id, call: call, outcome: outcome)
    }

    func answerThriftCompact(
        _ message: borrowing ByteBuffer, _ times: CallTimes, _ origin: CallOrigin?, isFramed: Bool,
        _ extent: MessageExtent, _ bytes: consuming ByteWriter
    ) -> AnsweredMessage {
        var reader = ThriftCompactReader(message, budget: loop.limits.budget)
        var writer = ThriftCompactWriter(bytes)
        let outcome: MessageOutcome
        var hasAnswer = false
        var call: CallOutcome?
        var id: UInt32 = 0
        do throws(WireError) {
            let envelope = try reader.readHead()
            let head = CallHead(envelope, origin)
            let arguments = reader.offset
            var refusal = Self.refusal(extent, limit: loop.limits.frameSizeMax)
            if envelope.kind == .reply || envelope.kind == .exception {
                writer.writeHead(.exception, name: envelope.name, sequenceID: envelope.sequenceID)
                ApplicationException(.invalidMessageType, "only calls are served here").encode(to: &writer)
                outcome = Self.end(of: &reader, arguments: arguments, isFramed: isFramed, extent)
            } else {
                if refusal == nil {
                    do throws(CallRefusal) {
                        if !loop.interceptors.isEmpty {
                            try intercept(head, times, &reader, .thriftCompact, arguments, isFramed: isFramed, extent)
                        }
                        call = try service.call(head, admit(head, times), &reader, &writer)
                    } catch { refusal = error }
                }
                outcome = conclude(
                    head, refusal, times, &reader, &writer, arguments, isFramed: isFramed, extent)
            }
            (id, hasAnswer) = (head.id, head.wantsAnswer)
        } catch {
            outcome = Self.unreadable(error, extent)
        }
        if case .truncated = outcome { hasAnswer = false }
        return AnsweredMessage(
            bytes: writer.finish(), hasAnswer: hasAnswer, id: id, call: call, outcome: outcome)
    }

    // MARK: MessagePack-RPC

    func answerMessagePack(
        _ message: borrowing ByteBuffer, _ times: CallTimes, _ extent: MessageExtent, _ bytes: consuming ByteWriter
    ) -> AnsweredMessage {
        var reader = MessagePackReader(message, budget: loop.limits.budget)
        var writer = MessagePackWriter(bytes)
        var outcome: MessageOutcome
        var hasAnswer = false
        var call: CallOutcome?
        var id: UInt32 = 0
        do throws(WireError) {
            let envelope = try reader.readEnvelope()
            switch envelope.kind {
            case .response: outcome = Self.end(of: &reader, arguments: 0, isFramed: false, extent)
            case .request, .notification:
                let head = CallHead(envelope, origin)
                let arguments = reader.offset
                var refusal = Self.refusal(extent, limit: loop.limits.frameSizeMax)
                if refusal == nil, !head.wantsAnswer, head.method.equals("$cancel") {
                    outcome = Self.end(of: &reader, arguments: arguments, isFramed: false, extent)
                    // The answer is that of the call that is cancelled.
                    if case .consumed = outcome { hasAnswer = cancelCall(&reader, arguments: arguments, &writer) }
                    break
                }
                if refusal == nil {
                    do throws(CallRefusal) {
                        if !loop.interceptors.isEmpty {
                            try intercept(head, times, &reader, .messagePack, arguments, isFramed: false, extent)
                        }
                        call = try service.call(head, admit(head, times), &reader, &writer)
                    } catch { refusal = error }
                }
                outcome = conclude(head, refusal, times, &reader, &writer, arguments, isFramed: false, extent)
                (id, hasAnswer) = (head.id, head.wantsAnswer)
            }
        } catch {
            // Not a call, but a value: it can be passed over, and there is nobody to answer.
            outcome =
                error == .truncated
                ? Self.unreadable(error, extent) : Self.end(of: &reader, arguments: 0, isFramed: false, extent)
        }
        if case .truncated = outcome {
            // A message is one value: the walk over it begins at its first byte.
            outcome = .truncated(argumentsOffset: 0)
            hasAnswer = false
        }
        return AnsweredMessage(
            bytes: writer.finish(), hasAnswer: hasAnswer, id: id, call: call, outcome: outcome)
    }

    /// Cancels the call whose id the notification `$cancel` names, and writes its answer. Whatever else it holds is of no
    /// interest.
    /// - Returns: false if there is nothing to cancel.
    private func cancelCall(
        _ reader: inout MessagePackReader, arguments: Int, _ writer: inout MessagePackWriter
    ) -> Bool {
        guard !late.isEmpty else { return false }
        reader.restart(at: arguments)
        do throws(WireError) {
            guard try reader.beginArguments().remaining > 0, let id = UInt32(exactly: try reader.readInt64()),
                cancelCall(id)
            else { return false }
            writer.writeCancelled(id)
            return true
        } catch { return false }
    }

    // MARK: What all formats share

    private static func refusal(_ extent: MessageExtent, limit: Int) -> CallRefusal? {
        switch extent {
        case .prefix, .whole: nil
        case .oversized(let size): .undecodable(.sizeOverLimit(size: size, limit: limit))
        case .insecure: .tlsRequired
        }
    }

    /// A message whose head cannot be read: there is nobody to answer.
    private static func unreadable(_ error: WireError, _ extent: MessageExtent) -> MessageOutcome {
        guard error == .truncated else { return .broken }
        switch extent {
        case .prefix, .oversized, .insecure: return .truncated(argumentsOffset: nil)
        case .whole: return .broken
        }
    }

    /// Answers a refused call, and finds where the next message begins.
    private func conclude<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ refusal: CallRefusal?, _ times: CallTimes, _ reader: inout Reader,
        _ writer: inout Writer, _ arguments: Int, isFramed: Bool, _ extent: MessageExtent
    ) -> MessageOutcome {
        guard let refusal else { return .consumed(reader.offset) }
        let outcome: MessageOutcome
        switch extent {
        case .oversized, .insecure: outcome = .broken
        case .prefix, .whole:
            outcome = Self.end(of: &reader, arguments: arguments, isFramed: isFramed, extent)
            if case .truncated = outcome { return outcome }
        }
        service.refused(refusal, Writer.format)
        writer.refuse(head, refusal)
        if !loop.interceptors.isEmpty { tell(refusal, head, Writer.format, times) }
        return outcome
    }

    /// Where a message ends that was not decoded.
    static func end<Reader: MessageReader & ~Copyable & ~Escapable>(
        of reader: inout Reader, arguments: Int, isFramed: Bool, _ extent: MessageExtent
    ) -> MessageOutcome {
        if isFramed { return .consumed(0) }
        reader.restart(at: arguments)
        do throws(WireError) {
            try reader.skipArguments()
            return .consumed(reader.offset)
        } catch {
            if error == .truncated, case .prefix = extent { return .truncated(argumentsOffset: arguments) }
            return .broken
        }
    }
}

extension CallHead {
    @_lifetime(copy envelope)
    init(_ envelope: borrowing ThriftMessageHead, _ origin: CallOrigin? = nil) {
        self.init(
            id: UInt32(bitPattern: envelope.sequenceID), name: envelope.name,
            wantsAnswer: envelope.kind != .oneway, origin: origin)
    }

    @_lifetime(copy envelope)
    init(_ envelope: borrowing MessagePackEnvelope, _ origin: CallOrigin? = nil) {
        self.init(
            id: envelope.id, name: envelope.method, wantsAnswer: envelope.kind == .request, origin: origin)
    }
}
