internal import NIOCore
internal import NeedletailWire

/// How much of a message its bytes are known to be.
enum MessageExtent {
    /// The message begins here; it may be cut off.
    case prefix
    /// All of it is here.
    case whole
    /// It would take this many bytes, which is too many: only its head is read, to refuse it by name.
    case oversized(Int)
    /// It came as it is where TLS is required: only its head is read, to refuse it by name.
    case insecure
}

/// What became of a message.
enum MessageOutcome {
    /// Answered (or a notification, executed); the next message begins after this many bytes.
    case consumed(Int)
    /// Cut off; nothing was executed. Where its arguments begin, nil if not even its head is whole.
    case truncated(argumentsOffset: Int?)
    /// Answered if it could be; where the next message begins cannot be told.
    case broken

    /// How many bytes were consumed; 0 if that cannot be told.
    var byteCount: Int {
        if case .consumed(let count) = self { count } else { 0 }
    }
}

/// The walk over a message that comes in pieces without a frame: it goes on where it stopped.
struct MessageScan {
    enum Progress {
        case needsMore
        case complete
        case oversized(Int)
        /// These bytes never become a value.
        case broken
    }

    private enum Scanner {
        case messagePack(MessagePackScanner)
        case thriftBinary(ThriftBinaryScanner)
        case thriftCompact(ThriftCompactScanner)
    }

    private var scanner: Scanner
    private var offset: Int

    /// Where the message ends, once complete.
    var end: Int { offset }

    /// - Parameter offset: where the value to walk over begins, from the message's first byte.
    init(_ format: RPCFormat, from offset: Int, depthLimit: Int) {
        self.offset = offset
        switch format {
        case .messagePack: scanner = .messagePack(MessagePackScanner(depthLimit: depthLimit))
        case .thriftBinary: scanner = .thriftBinary(ThriftBinaryScanner(.structure, depthLimit: depthLimit))
        case .thriftCompact: scanner = .thriftCompact(ThriftCompactScanner(.structure, depthLimit: depthLimit))
        }
    }

    /// Walks on over the message's bytes, from its first one.
    mutating func advance(over bytes: ByteBuffer, limit: Int) -> Progress {
        let span = bytes.readableBytesSpan
        let isComplete: Bool
        let awaited: Int
        do {
            switch scanner {
            case .messagePack(var walk):
                isComplete = try walk.advance(over: span, from: &offset)
                awaited = walk.bytesAwaitedMin
                scanner = .messagePack(walk)
            case .thriftBinary(var walk):
                isComplete = try walk.advance(over: span, from: &offset)
                awaited = walk.bytesAwaitedMin
                scanner = .thriftBinary(walk)
            case .thriftCompact(var walk):
                isComplete = try walk.advance(over: span, from: &offset)
                awaited = walk.bytesAwaitedMin
                scanner = .thriftCompact(walk)
            }
        } catch {
            return .broken
        }
        if offset + awaited > limit { return .oversized(offset + awaited) }
        if isComplete, offset <= span.byteCount { return .complete }
        return span.byteCount > limit ? .oversized(span.byteCount) : .needsMore
    }
}
