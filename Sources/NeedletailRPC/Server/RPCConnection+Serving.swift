//! Finding a connection's messages in its bytes, and answering each of them into the output.

internal import Logging
internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire
internal import Timing

extension RPCConnection {
    /// How messages are told apart.
    enum Framing {
        case undecided
        case framed(RPCFormat)
        case unframed(RPCFormat)
        /// In frames with a header, which says what the message is.
        case headed(ThriftHeader.Kind)
    }

    /// Serves the whole messages at the head of `bytes` and leaves the rest.
    /// - Parameter turnNanosecondsMax: after so long no further call is begun; the connection has another turn then.
    func serve(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext, turnNanosecondsMax: Int64) {
        let start = loop.now
        let flushBytes = min(loop.limits.unsentBytesHigh, Self.flushBytes)
        while bytes.readableBytes > 0, phase == .serving {
            if loop.now.nanoseconds(since: start) > turnNanosecondsMax { return loop.enlistAgain(self) }
            if (output.value?.byteCount ?? 0) > flushBytes {
                flushOutput(context)
                guard phase == .serving else { return }
            }
            if !isWritable || !queue.isEmpty {
                isPaused = true
                return
            }
            if !late.isEmpty, !hasRoomForLateAnswers {
                isPaused = true
                return
            }
            if isPipelining, callsInTurn % Self.callsAnticipated == 0 {
                anticipate(bytes, callsMax: Self.callsAnticipated)
                service.finishAnticipating()
            }
            switch framing {
            case .undecided: guard detect(&bytes, context) else { return }
            case .framed(let format): guard serveFrame(&bytes, format, context) else { return }
            case .unframed(let format): guard serveUnframed(&bytes, format, context) else { return }
            case .headed(let kind): guard serveHeaded(&bytes, kind, context) else { return }
            }
            if closesAfterNextMessage { return closeLingering(context) }
            if arrivals.hasLater { arrivals.advance(bytesLeft: bytes.readableBytes) }
        }
    }

    /// Answers of one turn leave when they are so long: while they are in the processor's cache, and in a buffer that the pool
    /// keeps. A call more or less to the kernel is nothing beside their bytes.
    private static var flushBytes: Int { 64 << 10 }

    /// Calls of a pipeline whose memory is fetched together.
    private static var callsAnticipated: Int { 16 }

    private func detect(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        switch ProtocolDetector.detect(bytes.readableBytesSpan) {
        case .undecided: return false
        case .messagePack: framing = .unframed(.messagePack)
        case .thriftBinary(let isFramed): framing = isFramed ? .framed(.thriftBinary) : .unframed(.thriftBinary)
        case .thriftCompact(let isFramed): framing = isFramed ? .framed(.thriftCompact) : .unframed(.thriftCompact)
        case .header(let kind): framing = .headed(kind)
        case .foreign(.tls) where canBeSecured:
            beginSecurity(&bytes, context)
            return false
        case .foreign(let foreign):
            metrics.add(to: .connectionsForeign)
            loop.complaints.warning(
                "closed a connection whose first bytes are no call: it looks like \(foreign.rawValue); expected Thrift (binary or compact) or MessagePack-RPC",
                metadata: logMetadata.merging(["protocol": "\(foreign.label)"]) { $1 })
            phase = .discarding
            context.close(promise: nil)
            return false
        }
        return admitPlaintext(bytes, context)
    }

    private func serveFrame(_ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext) -> Bool {
        guard let length = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self).map(Int.init) else { return false }
        if length > loop.limits.frameSizeMax {
            guard let head = bytes.getSlice(at: bytes.readerIndex + 4, length: bytes.readableBytes - 4) else {
                return false
            }
            if case .truncated = answer(head, format, isFramed: true, .oversized(length)) {
                // The head is short; a name that does not end is cut off by its own limit.
                return false
            }
            closeLingering(context)
            return false
        }
        guard let frame = bytes.getSlice(at: bytes.readerIndex + 4, length: length) else { return false }
        bytes.moveReaderIndex(forwardBy: 4 + length)
        switch answer(frame, format, isFramed: true, .whole) {
        case .consumed: return true
        case .truncated, .broken:
            closeLingering(context)
            return false
        }
    }

    private func serveUnframed(_ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext) -> Bool
    {
        var extent = MessageExtent.prefix
        if var walk = scan.take() {
            switch walk.advance(over: bytes, limit: loop.limits.frameSizeMax) {
            case .needsMore:
                scan = walk
                return false
            case .oversized(let size): extent = .oversized(size)
            case .complete, .broken: extent = .whole
            }
        }
        // What is longer than allowed is not even looked at: the walk below finds out how long it is.
        let outcome: MessageOutcome
        if case .prefix = extent, bytes.readableBytes > loop.limits.frameSizeMax {
            var head = bytes
            head.moveWriterIndex(to: head.readerIndex + loop.limits.frameSizeMax)
            outcome = answer(head, format, isFramed: false, extent)
        } else {
            outcome = answer(bytes, format, isFramed: false, extent)
        }
        switch outcome {
        case .consumed(let count):
            bytes.moveReaderIndex(forwardBy: count)
            return true
        case .truncated(let argumentsOffset):
            // Nothing was executed. Walk on from here as bytes come, and decode again when the message is whole.
            if let argumentsOffset {
                // In MessagePack the walk is over the whole message: its array and its parameters lie around the request.
                let depth = loop.limits.budget.depth + (format == .messagePack ? 2 : 0)
                return serveScanned(
                    MessageScan(format, from: argumentsOffset, depthLimit: depth), &bytes, format, context)
            }
            return false
        case .broken:
            closeLingering(context)
            return false
        }
    }

    /// Looks at once how far the message reaches: its head may announce more than is allowed.
    private func serveScanned(
        _ begun: MessageScan, _ bytes: inout ByteBuffer, _ format: RPCFormat, _ context: ChannelHandlerContext
    ) -> Bool {
        var walk = begun
        switch walk.advance(over: bytes, limit: loop.limits.frameSizeMax) {
        case .needsMore:
            scan = walk
            return false
        case .complete, .broken:
            // What was decoded as cut off is whole, or nothing that ends: it cannot be told where the next one begins.
            _ = answer(bytes, format, isFramed: false, .whole)
            closeLingering(context)
            return false
        case .oversized(let size):
            _ = answer(bytes, format, isFramed: false, .oversized(size))
            closeLingering(context)
            return false
        }
    }

    /// Answers the message at the head of `message` into the output.
    func answer(
        _ message: ByteBuffer, _ format: RPCFormat, isFramed: Bool, _ extent: MessageExtent
    ) -> MessageOutcome {
        let isHeldBack = !late.isEmpty && late.holdsBackOthers
        var bytes = isHeldBack ? makeOutput() : takeOutput()
        let start = bytes.mark
        let startCount = bytes.byteCount
        if isFramed { bytes.store(0 as UInt32) }
        let messageStart = bytes.mark
        let times = CallTimes(arrival: arrivals.arrival, start: loop.now)
        var answered: AnsweredMessage
        switch format {
        case .messagePack:
            answered = answerMessagePack(message, times, extent, bytes)
        case .thriftBinary:
            answered = answerThriftBinary(message, times, origin, isFramed: isFramed, extent, bytes)
        case .thriftCompact:
            answered = answerThriftCompact(message, times, origin, isFramed: isFramed, extent, bytes)
        }
        let call = answered.call
        let answerBytes = answered.bytes.byteCount - startCount - (isFramed ? 4 : 0)
        // One that leaves alone, later, stays where it was written.
        let keepsOutput = call.isPrepared && answered.hasAnswer && late.isEmpty && answered.bytes.isWhole(since: start)
        if isFramed, answered.hasAnswer, keepsOutput || !call.isLater {
            answered.bytes.patch(at: start, bigEndian: UInt32(truncatingIfNeeded: answerBytes))
        }
        if !keepsOutput, !answered.hasAnswer || call.isLater {
            if answered.hasAnswer { keepPrepared(call, in: answered.bytes, since: messageStart) }
            answered.bytes.rewind(to: start)
        }
        let outcome = answered.outcome
        let (id, hasAnswer) = (answered.id, answered.hasAnswer)
        if keepsOutput {
            keepPrepared(call, answered.finish(), frameBytes: isFramed ? 4 : 0)
        } else if isHeldBack {
            keepBehind(answered.finish())
        } else {
            output.value = answered.finish()
        }
        settle(
            outcome, call, id: id, format, times, origin, wantsAnswer: hasAnswer,
            requestBytes: isFramed ? message.readableBytes : outcome.byteCount, answerBytes: answerBytes)
        return outcome
    }

    /// Counts a message that was served, and keeps the place of an answer that is to come. One that was cut off is no
    /// progress: its client may be stalling.
    @inline(__always)
    func settle(
        _ outcome: MessageOutcome, _ call: CallOutcome?, id: UInt32, _ format: RPCFormat, _ times: CallTimes,
        _ origin: CallOrigin?, wantsAnswer: Bool, requestBytes: Int, answerBytes: Int
    ) {
        if case .truncated = outcome { return }
        heldSince = loop.readClock(unlessRead: loop.notes?.current.end)
        callsInTurn &+= 1
        // The next call may be refused before its service can note anything.
        defer { loop.notes?.current.clear() }
        switch call {
        case .answered(let method), .provisional(let method):
            if case .provisional = call { loop.withhold(self) }
            metrics.record(
                method, times, end: loop.now, requestBytes: requestBytes, answerBytes: wantsAnswer ? answerBytes : nil)
            if let callers, let caller = callers.takePlace(method) {
                callers.record(nanoseconds: loop.now.nanoseconds(since: times.arrival), at: caller)
            }
            if loop.now.nanoseconds(since: times.arrival) >= loop.slowNanosecondsMin {
                tookLong(
                    method, format, times, served: loop.now, origin, requestBytes: requestBytes,
                    answerBytes: answerBytes)
            }
            if !loop.interceptors.isEmpty { tell(.answered, method, format, times, origin) }
        case .later(let method, let token):
            loop.admission.began(method)
            metrics.sizes.record(requestBytes, in: RPCMetrics.place(ofRequestsOf: method))
            expect(
                token,
                LateCall(
                    connection: self, id: id, method: method, format: format, times: times, served: loop.now,
                    origin: origin, caller: callers?.takePlace(method), requestBytes: requestBytes,
                    note: loop.notes?.current ?? CallNote(), wantsAnswer: wantsAnswer))
        case nil: _ = callers?.takePlace(nil)
        }
    }
}

extension CallOutcome? {
    var isLater: Bool {
        if case .later = self { true } else { false }
    }

    /// Whether its answer was written and leaves later.
    var isPrepared: Bool {
        if case .later(_, let answer) = self { answer.isPrepared } else { false }
    }
}
