//! Frames with a header (THeader, TTHeader): the header is read where it lies, the message behind it is decoded in place like
//! any other, and the answer is written straight behind its own header. Only compressed messages need buffers between.
//!
//! What is wrong with a header is answered with an exception in a header, and ends the connection: there is no telling what
//! else such a client means.

internal import NIOCore
internal import NeedletailTelemetry
internal import NeedletailThreads
internal import NeedletailWire

extension RPCConnection {
    /// What answers say while the server stops: that the client should take its calls elsewhere.
    private static let drainingInfo = ThriftHeaderInfo(strings: [.init(HeaderKey.draining, HeaderKey.isDraining)])

    /// The sizes of answers that are compressed, in bytes. Smaller ones hardly shrink. The event loop waits while it
    /// compresses, 3 to 5 ms for the largest; beyond, values leave by reference.
    fileprivate static let compressedBytes = 256...256 << 10
    /// The most that a compressed message may become, in bytes. It may be a thousand times as large as what came, and the
    /// event loop waits while it is expanded: about 50 ms for so much. The largest value of the default configuration fits,
    /// with a MiB for what stands around it.
    private static let expandedBytesMax = 17 << 20

    /// Serves the frame at the head of `bytes`.
    /// - Returns: false if it has not come whole, or if it was the last one.
    func serveHeaded(
        _ bytes: inout ByteBuffer, _ kind: ThriftHeader.Kind, _ context: ChannelHandlerContext
    ) -> Bool {
        guard let length = bytes.getInteger(at: bytes.readerIndex, as: UInt32.self).map(Int.init) else { return false }
        let isOversized = length > loop.limits.frameSizeMax
        guard
            let frame = bytes.getSlice(
                at: bytes.readerIndex + 4, length: isOversized ? bytes.readableBytes - 4 : length)
        else { return false }
        switch answer(frame, behind: kind, isOversized ? .oversized(length) : .whole) {
        case .consumed where !isOversized:
            bytes.moveReaderIndex(forwardBy: 4 + length)
            return true
        case .truncated:
            // The head of a frame over the limit is short, and its header is bounded.
            return false
        case .consumed, .broken:
            closeLingering(context)
            return false
        }
    }

    /// Answers the frame at the head of `bytes` that it came in plaintext where TLS is required, as soon as its header has
    /// come: neither the message behind it nor its length is of interest.
    func refuseInsecure(_ bytes: ByteBuffer, _ kind: ThriftHeader.Kind) -> MessageOutcome {
        var frame = bytes
        guard let frameSize = frame.readInteger(as: UInt32.self).map(Int.init) else {
            return .truncated(argumentsOffset: nil)
        }
        var call = HeaderCall(kind)
        do throws(WireError) {
            try call.read(frame, frameSize: frameSize)
        } catch {
            // A header that is whole may still be none, but whose it is can be told.
            if error == .truncated, frame.readableBytes < frameSize { return .truncated(argumentsOffset: nil) }
        }
        if call.isAnswerable { refuse(call, .tlsRequired) }
        return .broken
    }

    private func answer(
        _ frame: ByteBuffer, behind kind: ThriftHeader.Kind, _ extent: MessageExtent
    ) -> MessageOutcome {
        var frameSize = frame.readableBytes
        var isWhole = true
        if case .oversized(let size) = extent { (frameSize, isWhole) = (size, false) }
        var call = HeaderCall(kind)
        do throws(WireError) {
            try call.read(frame, frameSize: frameSize)
            if call.header.isCompressed, !isWhole {
                throw .sizeOverLimit(size: frameSize, limit: loop.limits.frameSizeMax)
            }
            var message = frame
            message.moveReaderIndex(forwardBy: min(call.payloadOffset, frame.readableBytes))
            guard call.header.isCompressed else { return answerPlain(message, call, extent) }
            // Others may wait for the group, and expanding takes long.
            loop.finishGroup()
            guard phase == .serving else { return .broken }
            let sizeMax = min(loop.limits.frameSizeMax, Self.expandedBytesMax)
            let expanded = try loop.zlib.expand(message, sizeMax: sizeMax)
            return answerCompressed(expanded, call, extent)
        } catch {
            if error == .truncated, !isWhole { return .truncated(argumentsOffset: nil) }
            if call.isAnswerable { refuse(call, .undecodable(error)) }
            return .broken
        }
    }

    /// Answers straight into the output.
    private func answerPlain(_ message: ByteBuffer, _ call: HeaderCall, _ extent: MessageExtent) -> MessageOutcome {
        let isHeldBack = call.header.isOrdered && !late.isEmpty && late.holdsBackOthers
        var bytes = isHeldBack ? makeOutput() : takeOutput()
        let start = bytes.mark
        let mark = bytes.begin(call.header, headerInfo)
        let messageStart = bytes.mark
        let messageStartCount = bytes.byteCount
        let times = times(call)
        let origin = call.origin(origin)
        var answered = answer(message, call, times, origin, extent, bytes)
        let answerBytes = answered.bytes.byteCount - messageStartCount
        if answered.hasAnswer, !answered.call.isLater {
            answered.bytes.end(mark)
        } else {
            if answered.hasAnswer { keepPrepared(answered.call, in: answered.bytes, since: messageStart) }
            answered.bytes.rewind(to: start)
        }
        let (result, id, hasAnswer, outcome) = (answered.call, answered.id, answered.hasAnswer, answered.outcome)
        if isHeldBack { keepBehind(answered.finish()) } else { output.value = answered.finish() }
        if case .later(_, let token) = result { token.header = call.header }
        settle(
            outcome, result, id: id, call.header.encoding.format, times, origin, wantsAnswer: hasAnswer,
            requestBytes: message.readableBytes, answerBytes: answerBytes)
        return outcome
    }

    /// Answers into a buffer of its own, which is compressed into the output where that is worth it.
    private func answerCompressed(
        _ message: ByteBuffer, _ call: HeaderCall, _ extent: MessageExtent
    ) -> MessageOutcome {
        let times = times(call)
        let origin = call.origin(origin)
        let output = makeOutput()
        let messageStart = output.mark
        let answered = answer(message, call, times, origin, extent, output)
        let (result, id, hasAnswer, outcome) = (answered.call, answered.id, answered.hasAnswer, answered.outcome)
        let answerBytes = answered.bytes.byteCount
        if hasAnswer, !result.isLater {
            leave(answered.finish(), behind: call.header)
        } else {
            if hasAnswer { keepPrepared(result, in: answered.bytes, since: messageStart) }
            loop.pool.give(answered.finish().finish { _ in })
        }
        if case .later(_, let token) = result { token.header = call.header }
        settle(
            outcome, result, id: id, call.header.encoding.format, times, origin, wantsAnswer: hasAnswer,
            requestBytes: message.readableBytes, answerBytes: answerBytes)
        return outcome
    }

    private func times(_ call: HeaderCall) -> CallTimes {
        CallTimes(arrival: arrivals.arrival, start: loop.now, headerTimeoutMillis: call.metadata.timeoutMillis ?? 0)
    }

    private func answer(
        _ message: ByteBuffer, _ call: HeaderCall, _ times: CallTimes, _ origin: CallOrigin?, _ extent: MessageExtent,
        _ bytes: consuming ByteWriter
    ) -> AnsweredMessage {
        switch call.header.encoding {
        case .binary: answerThriftBinary(message, times, origin, isFramed: true, extent, bytes)
        case .compact: answerThriftCompact(message, times, origin, isFramed: true, extent, bytes)
        }
    }

    /// Answers a call whose message was not looked at.
    private func refuse(_ call: HeaderCall, _ refusal: CallRefusal) {
        let format = call.header.encoding.format
        // Nobody knows the method's name.
        let head = CallHead(
            id: UInt32(bitPattern: call.header.sequenceID), name: RawSpan(), wantsAnswer: true, origin: origin)
        service.refused(refusal, format)
        switch call.header.encoding {
        case .binary:
            var writer = ThriftBinaryWriter(makeOutput())
            writer.refuse(head, refusal)
            leave(writer.finish(), behind: call.header)
        case .compact:
            var writer = ThriftCompactWriter(makeOutput())
            writer.refuse(head, refusal)
            leave(writer.finish(), behind: call.header)
        }
        if !loop.interceptors.isEmpty { tell(refusal, head, format, times(call)) }
    }

    // MARK: Writing

    private var headerInfo: ThriftHeaderInfo { loop.isDraining ? Self.drainingInfo : ThriftHeaderInfo() }

    /// Writes a finished answer to the output, or behind those that it has to wait for.
    private func leave(_ answer: consuming ByteWriter, behind header: ThriftHeader) {
        let isHeldBack = header.isOrdered && !late.isEmpty && late.holdsBackOthers
        var bytes = isHeldBack ? makeOutput() : takeOutput()
        let header = header.forAnswer(of: answer.byteCount)
        let mark = bytes.begin(header, headerInfo)
        store(answer, isCompressed: header.isCompressed, in: &bytes)
        bytes.end(mark)
        if isHeldBack { keepBehind(bytes) } else { output.value = consume bytes }
    }

    private func store(_ answer: consuming ByteWriter, isCompressed: Bool, in bytes: inout ByteWriter) {
        guard isCompressed else { return loop.pool.give(answer.finish { bytes.store($0) }) }
        guard answer.isOnePiece else {
            var message = ByteBuffer()
            loop.pool.give(answer.finish { message.writeImmutableBuffer($0) })
            return bytes.store(loop.zlib.compress(message))
        }
        let message = answer.finish()
        bytes.store(loop.zlib.compress(message))
        loop.pool.give(message)
    }

    /// Writes a finished answer with its header.
    func store(_ message: ByteBuffer, behind header: ThriftHeader, in bytes: inout ByteWriter) {
        let header = header.forAnswer(of: message.readableBytes)
        let mark = bytes.begin(header, headerInfo)
        bytes.store(header.isCompressed ? loop.zlib.compress(message) : message)
        bytes.end(mark)
    }
}

extension ThriftHeader {
    /// This before an answer of so many bytes. Each header says for itself whether its message is compressed: an answer is
    /// if its call was, and if it is worth it.
    fileprivate func forAnswer(of byteCount: Int) -> ThriftHeader {
        var header = self
        header.isCompressed = isCompressed && RPCConnection.compressedBytes.contains(byteCount)
        return header
    }
}
