public import NIOCore
internal import NeedletailWire
internal import Timing

/// The place of an answer that is given later than its call was served. Used on the connection's event loop.
///
/// Where answers leave in the order of calls (Thrift without a header, and THeader without its flag `0x01`), those behind
/// this one wait for it.
///
/// Always true: it is answered at most once and cancelled at most once, never both; `call` is there from when the call
/// returned until its place on the connection is free again.
public final class LateAnswer {
    /// Called once, when nobody waits for the answer any more: the connection is gone, or the call was cancelled. Set when
    /// that has already happened, it is called at once.
    public var onCancel: (() -> Void)? {
        didSet { if isCancelled { tellOfCancel() } }
    }
    /// Nobody waits for the answer any more.
    public private(set) var isCancelled = false
    private var isAnswered = false
    /// The answer, until it has left.
    private var bytes: ByteBuffer?
    /// The exception that was answered.
    private(set) var failure: (any Error)?

    // What the connection keeps here.

    /// What it knows of the call.
    var call: LateCall?
    /// What the answer's header repeats, where calls have headers.
    var header: ThriftHeader?
    /// The finished answers of calls directly behind this one, where answers leave in order.
    var behind: [ByteBuffer] = []
    /// Where it stands among those that leave in any order.
    var place = 0
    /// Something runs for the call even after it was cancelled, until `send`: so long it counts as open.
    var isRunning = false

    public init() {}

    /// Gives the answer: a whole message without a frame. Only the first one counts, and none after a cancellation.
    /// - Parameter failure: the exception that it says.
    public func send(_ bytes: ByteBuffer, threw failure: (any Error)? = nil) {
        guard !isAnswered else { return }
        isAnswered = true
        self.failure = failure
        if isCancelled {
            call?.connection.ended(self)
        } else {
            onCancel = nil
            self.bytes = bytes
            call?.connection.given(self)
        }
    }

    /// Whether the answer was given and has not left.
    var isGiven: Bool { bytes != nil }
    /// Whether the answer has left, or will not be waited for: the token is of no more use.
    var isSpent: Bool { isCancelled || isAnswered && !isGiven }
    /// The size of an answer that was given and has not left.
    var byteCount: Int { bytes?.readableBytes ?? 0 }
    /// The size of what stands behind it.
    var byteCountBehind: Int { behind.reduce(0) { $0 + $1.readableBytes } }

    /// The answer, which leaves.
    func takeBytes() -> ByteBuffer? { bytes.take() }

    /// Tells whoever works on the answer that nobody waits for it.
    func cancel() {
        guard !isAnswered, !isCancelled else { return }
        isCancelled = true
        tellOfCancel()
    }

    private func tellOfCancel() {
        guard let tell = onCancel else { return }
        onCancel = nil
        tell()
    }
}

/// A call that will be answered late.
struct LateCall {
    let connection: RPCConnection
    let id: UInt32
    /// The method by its number.
    let method: Int
    let format: RPCFormat
    let times: CallTimes
    /// When the service had done with it what it does at once.
    let served: MonotonicTime
    let origin: CallOrigin?
    /// Whether the client waits for the answer.
    var wantsAnswer: Bool
}
