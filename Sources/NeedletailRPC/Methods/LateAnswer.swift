public import NIOCore
internal import NeedletailWire
internal import Timing

/// The place of an answer that is given later than its call was served. Used on the connection's event loop.
///
/// Where answers leave in the order of calls (Thrift without a header, and THeader without its flag `0x01`), those behind
/// this one wait for it.
///
/// Unsafe inside: what the connection keeps here is not checked for exclusive access (see `Confined`, which would be one
/// more allocation for each). All of it happens on one thread, and nothing that is called while it is changed comes back here.
///
/// Always true: it is answered at most once and cancelled at most once, never both; `call` is there from when the call
/// returned until it was counted: when the answer was given, or nobody waited for it any more and nothing ran for it.
open class LateAnswer {
    /// Called once, when nobody waits for the answer any more: the connection is gone, or the call was cancelled. Set when
    /// that has already happened, it is called at once.
    public final var onCancel: (() -> Void)? {
        didSet { if isCancelled { tellOfCancel() } }
    }
    /// Nobody waits for the answer any more.
    public private(set) final var isCancelled = false
    /// The answer was written when the call was served, and waits to be released or replaced. (One that was replaced
    /// before that call returned is an answer like any other.)
    private(set) final var isPrepared: Bool
    /// The answer was given. Where nobody waits for it there may have been nothing to keep.
    private(set) final var isAnswered = false
    /// The exception that was answered.
    private(set) final var failure: (any Error)?

    // What the connection keeps here.

    private struct Kept {
        var bytes: ByteBuffer?
        var call: LateCall?
        var header: ThriftHeader?
        var behind: [ByteBuffer] = []
    }

    @exclusivity(unchecked) private final var kept = Kept()
    /// The answer, until it has left; a prepared one also before it is given.
    private final var bytes: ByteBuffer? {
        @inline(__always) _read { yield unsafe kept.bytes }
        @inline(__always) _modify { yield unsafe &kept.bytes }
    }
    /// What it knows of the call.
    final var call: LateCall? {
        @inline(__always) _read { yield unsafe kept.call }
        @inline(__always) _modify { yield unsafe &kept.call }
    }
    /// What the answer's header repeats, where calls have headers.
    final var header: ThriftHeader? {
        @inline(__always) _read { yield unsafe kept.header }
        @inline(__always) _modify { yield unsafe &kept.header }
    }
    /// The finished answers of calls directly behind this one, where answers leave in order.
    final var behind: [ByteBuffer] {
        @inline(__always) _read { yield unsafe kept.behind }
        @inline(__always) _modify { yield unsafe &kept.behind }
    }
    /// The prepared answer stands in the buffer of an output, with its frame, if it has one, before it.
    private(set) final var leavesAsItStands = false
    /// What the connection's other answers were told of its size.
    final var measuredBytes = 0
    /// Where it stands among those that leave in any order.
    final var place = 0
    /// Something runs for the call even after it was cancelled, until `send`: so long it counts as open.
    final var isRunning = false

    /// - Parameter isPrepared: the handler has written the answer as if it left now. It is kept until `release` is called,
    ///   or `send`, which replaces it.
    public init(isPrepared: Bool = false) { self.isPrepared = isPrepared }

    /// Takes what the handler has written.
    /// - Parameter leavesAsItStands: before `bytes`, in the same buffer, stands all that leaves before them.
    final func prepare(_ bytes: ByteBuffer, leavesAsItStands: Bool = false) {
        self.bytes = bytes
        self.leavesAsItStands = leavesAsItStands
    }

    /// Gives the prepared answer.
    public final func release() {
        guard !isAnswered else { return }
        give(nil)
    }

    /// Gives the answer: a whole message without a frame. Only the first one counts, and none after a cancellation.
    /// - Parameter failure: the exception that it says.
    public final func send(_ bytes: ByteBuffer, threw failure: (any Error)? = nil) {
        guard !isAnswered else { return }
        if !isCancelled {
            if self.bytes == nil { isPrepared = false }
            prepare(bytes)
        }
        give(failure)
    }

    private final func give(_ failure: (any Error)?) {
        isAnswered = true
        if failure != nil { self.failure = failure }
        guard let connection = call?.connection else { return onCancel = nil }
        if isCancelled {
            connection.ended(self)
        } else {
            if onCancel != nil { onCancel = nil }
            connection.given(self)
        }
    }

    /// Whether the answer was given and has not left.
    final var isGiven: Bool { isAnswered && bytes != nil }
    /// The size of an answer that is prepared or was given, and has not left.
    final var byteCount: Int { bytes?.readableBytes ?? 0 }
    /// The size of what stands behind it.
    final var byteCountBehind: Int { behind.reduce(0) { $0 + $1.readableBytes } }

    /// The answer, which leaves.
    final func takeBytes() -> ByteBuffer? { bytes.take() }

    /// The answer, which leaves, with what stands before it in its buffer.
    /// - Precondition: `leavesAsItStands`, and it has not left.
    final func takeWhole() -> ByteBuffer {
        guard var whole = bytes.take() else { preconditionFailure("an answer leaves once") }
        whole.moveReaderIndex(to: 0)
        return whole
    }

    /// Tells whoever works on the answer that nobody waits for it.
    final func cancel() {
        guard !isAnswered, !isCancelled else { return }
        isCancelled = true
        bytes = nil
        tellOfCancel()
    }

    private final func tellOfCancel() {
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
    /// The caller's place in `LoopCallers`, if the call named one.
    let caller: Int?
    let requestBytes: Int
    /// What the service noted of it.
    var note: CallNote
    /// Whether the client waits for the answer.
    var wantsAnswer: Bool
}
