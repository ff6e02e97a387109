//! A read of many keys that is under way: its parts, each of them one message to where its keys live, run side by side up
//! to a width; each key has its result or none yet.
//!
//! The engine makes the parts, the caller says when time is over. Then parts that have not begun are dropped, those that
//! run are told, and what they bring later is discarded. Threads: all on one event loop.
//!
//! Always true: a key has a result or its status is `deadlineExceeded`; `running` parts are those that have begun and not
//! ended, at most `width` of them; `then` is called once, when the last part has ended, and not after `cancel`.

public import NIOCore
public import NeedletailWire

/// How a read of many keys is spread.
public struct FanOutWidth: Sendable, Hashable {
    /// Parts that run at the same time; at least 1, which is one after the other.
    public var concurrency: Int
    /// Keys of one part, at most; at least 1.
    public var keysPerPart: Int

    public init(concurrency: Int, keysPerPart: Int) {
        self.concurrency = concurrency
        self.keysPerPart = keysPerPart
    }
}

/// Is told what becomes of the parts of a read.
public protocol ReadPartObserver: AnyObject {
    /// Told just before a part begins.
    func began(_ part: ReadPart)

    /// Told once of each part that has begun: that it has ended, or that the read has without it.
    func ended(_ part: ReadPart, isCancelled: Bool)
}

/// A read of many keys under way.
public final class MultiRead {
    public let keys: BinaryList
    public let width: FanOutWidth
    /// One for each key; `deadlineExceeded` where there is no result yet.
    public private(set) var statuses: [KeyStatus]
    /// One for each key, empty unless found. They may be slices of what came from a node.
    public private(set) var values: [ByteBuffer]
    /// Set by the caller before the read begins: takes each value as it comes, with its key's place, in place of `values`.
    /// It may cancel the read.
    public var onValue: ((_ index: Int, _ value: ByteBuffer) -> Void)?
    /// Set by the caller before the read begins: the most bytes that are kept in `values`. Of what comes beyond that, only
    /// the status is, `tooLarge`.
    public var valueBytesMax = Int.max
    private var valueBytes = 0
    /// Set by the caller before the read begins; nil: nobody is told of parts.
    public var observer: (any ReadPartObserver)?
    /// Why the last key that failed did: something that the key has to itself (`unsupported`) only if that is all.
    public private(set) var failure: EngineError?
    /// Parts that had not ended when the read was cancelled.
    public private(set) var cancelledParts = 0
    private var waiting: [ReadPart] = []
    private var running: [ReadPart] = []
    private var then: (() -> Void)?
    private var isBeginning = false

    /// - Parameter then: called once, when every key has its result; not after `cancel`.
    public init(_ keys: BinaryList, width: FanOutWidth, then: @escaping () -> Void) {
        self.keys = keys
        self.width = width
        self.then = then
        statuses = Array(repeating: .deadlineExceeded, count: keys.count)
        values = Array(repeating: ByteBuffer(), count: keys.count)
    }

    /// Whether results are of no more use.
    public var hasEnded: Bool { then == nil }

    // MARK: For the engine

    /// Has the parts run, as many at a time as the width allows. Called once; by `multiGet` itself, or later.
    public func run(_ parts: [ReadPart]) {
        guard !hasEnded else { return }
        waiting = parts.reversed()
        beginParts()
    }

    /// Ends the read with one reason for all keys that have no result.
    public func fail(_ error: EngineError) {
        guard !hasEnded else { return }
        for index in statuses.indices where statuses[index] == .deadlineExceeded { statuses[index] = .failed }
        failure = error
        let parts = dropParts()
        finish()
        for part in parts { part.cancel() }
    }

    private func beginParts() {
        // A part may end while it begins: then the loop goes on that began it, whatever their number.
        guard !isBeginning else { return }
        isBeginning = true
        defer { isBeginning = false }
        while !hasEnded, running.count < width.concurrency, let part = waiting.popLast() {
            running.append(part)
            observer?.began(part)
            part.begin(for: self)
        }
        if running.isEmpty, waiting.isEmpty { finish() }
    }

    private func finish() {
        guard let then else { return }
        self.then = nil
        onValue = nil
        then()
    }

    fileprivate func ended(_ part: ReadPart) {
        guard !hasEnded else { return }
        guard let place = running.firstIndex(where: { $0 === part }) else { return }
        running.swapAt(place, running.count - 1)
        running.removeLast()
        observer?.ended(part, isCancelled: false)
        for index in part.keys where statuses[Int(index)] == .deadlineExceeded { statuses[Int(index)] = .failed }
        beginParts()
    }

    fileprivate func set(_ status: KeyStatus, _ value: ByteBuffer?, at index: Int) {
        guard !hasEnded else { return }
        statuses[index] = status
        guard let value else { return }
        if let onValue { return onValue(index, value) }
        guard value.readableBytes <= valueBytesMax - valueBytes else { return statuses[index] = .tooLarge }
        valueBytes += value.readableBytes
        values[index] = value
    }

    fileprivate func note(_ error: EngineError) {
        if case .unsupported = error, failure != nil { return }
        failure = error
    }

    // MARK: For the caller

    /// Ends the read as it is: the keys without a result keep `deadlineExceeded`. Parts that run are told.
    public func cancel() {
        guard !hasEnded else { return }
        then = nil
        onValue = nil
        let parts = dropParts()
        cancelledParts = parts.count
        for part in parts { part.cancel() }
    }

    private func dropParts() -> [ReadPart] {
        if let observer { for part in running { observer.ended(part, isCancelled: true) } }
        let parts = running + waiting
        running = []
        waiting = []
        return parts
    }
}

/// Some keys of a read that are asked for with one message.
public final class ReadPart {
    /// Which keys of the read these are.
    public let keys: [Int32]
    private let start: (ReadPart) -> Void
    private weak var read: MultiRead?

    /// Set by the engine: called once if nobody waits for the part any more; at once if that is so already.
    public var onCancel: (() -> Void)? {
        didSet { if isCancelled { tellOfCancel() } }
    }
    public private(set) var isCancelled = false

    /// - Parameter start: sends the message. The part is ended by `end`, then or later.
    public init(_ keys: [Int32], start: @escaping (ReadPart) -> Void) {
        self.keys = keys
        self.start = start
    }

    /// Whether results are of no more use.
    public var hasEnded: Bool { read?.hasEnded ?? true }

    /// The result of the key with this place in the read.
    public func found(_ value: ByteBuffer, at index: Int32) { read?.set(.found, value, at: Int(index)) }

    public func missing(at index: Int32) { read?.set(.missing, nil, at: Int(index)) }

    public func failed(_ error: EngineError, at index: Int32) {
        read?.note(error)
        read?.set(.failed, nil, at: Int(index))
    }

    /// The part has ended: its keys without a result have failed.
    public func end() {
        onCancel = nil
        read?.ended(self)
    }

    /// The part has ended, for this reason.
    public func end(_ error: EngineError) {
        read?.note(error)
        end()
    }

    fileprivate func begin(for read: MultiRead) {
        self.read = read
        start(self)
    }

    fileprivate func cancel() {
        isCancelled = true
        tellOfCancel()
    }

    private func tellOfCancel() {
        guard let tell = onCancel else { return }
        onCancel = nil
        tell()
    }
}
