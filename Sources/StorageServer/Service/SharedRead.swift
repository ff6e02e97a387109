//! One large read of the embedded engine that several event loops work on: each takes a chunk of consecutive keys, writes its
//! values as the answer has them, and takes the next. The loop that the call came to works like the others and never waits
//! while there is a chunk left: a loop that is busy takes none, and costs nothing but a wake-up.
//!
//! Threads: chunks are taken by an atomic counter; what a chunk gave is handed over under the lock. `then` is called on the
//! thread of the loop that ends the last chunk.
//!
//! Always true: each chunk is read once, or not at all after `cancel`.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailThreads
internal import NeedletailWire
internal import StorageEngine
internal import Synchronization
internal import Timing

final class SharedRead: @unchecked Sendable {
    /// Keys of one chunk: some twenty microseconds of work.
    static let keysPerChunk = 128

    let keys: BinaryList
    let withVersions: Bool
    let now: WallTime
    let deadline: MonotonicTime
    /// Bytes of values that the answer has room for.
    let valueBytesMax: Int
    let format: RPCFormat
    let answerKeys: MessagePackKeys
    private let nextChunk = Atomic<Int>(0)
    /// Of chunks that have ended.
    private let valueBytes = Atomic<Int>(0)
    private let isCancelled = Atomic<Bool>(false)

    // Under `lock`.
    private let lock = Lock()
    private var pages: [ReadPage?]
    private var missingPages: Int
    private var then: (@Sendable () -> Void)?

    init(
        _ keys: BinaryList, withVersions: Bool, now: WallTime, until deadline: MonotonicTime, valueBytesMax: Int,
        _ format: RPCFormat, _ answerKeys: MessagePackKeys
    ) {
        self.keys = keys
        self.withVersions = withVersions
        self.now = now
        self.deadline = deadline
        self.valueBytesMax = valueBytesMax
        self.format = format
        self.answerKeys = answerKeys
        missingPages = (keys.count + Self.keysPerChunk - 1) / Self.keysPerChunk
        pages = Array(repeating: nil, count: missingPages)
    }

    private var chunkCount: Int { (keys.count + Self.keysPerChunk - 1) / Self.keysPerChunk }

    /// The next chunk that nobody has taken; nil if there is none. It is full if the values of the chunks before it have no
    /// place in the answer: what has ended before one is taken stands before it.
    func take() -> (index: Int, keys: Range<Int>, isFull: Bool)? {
        if isCancelled.load(ordering: .relaxed) { return nil }
        let isFull = valueBytes.load(ordering: .acquiring) > valueBytesMax
        let index = nextChunk.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < chunkCount else { return nil }
        let start = index * Self.keysPerChunk
        return (index, start..<min(start + Self.keysPerChunk, keys.count), isFull)
    }

    /// Hands over what a chunk gave.
    func end(_ index: Int, _ page: consuming ReadPage) {
        valueBytes.wrappingAdd(page.valueBytes, ordering: .releasing)
        lock.lock()
        pages[index] = page
        missingPages -= 1
        var then: (@Sendable () -> Void)?
        if missingPages == 0 { swap(&then, &self.then) }
        lock.unlock()
        then?()
    }

    /// Has `then` called when the last chunk has ended.
    /// - Returns: false if it has ended already: then `then` is not called.
    func wait(_ then: @escaping @Sendable () -> Void) -> Bool {
        lock.lock()
        defer { lock.unlock() }
        if missingPages == 0 { return false }
        self.then = then
        return true
    }

    /// No further chunk is begun.
    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// What there is so far.
    func collect() -> SharedReadResult {
        lock.lock()
        let pages = pages
        lock.unlock()
        return SharedReadResult(
            pages, keyCount: keys.count, withVersions: withVersions, valueBytesMax: valueBytesMax)
    }
}

/// What one chunk gave: the values as the answer has them, and what became of each key.
struct ReadPage: Sendable {
    var values: [ByteBuffer] = []
    var statuses: [UInt8] = []
    var versions: [Int64] = []
    var hits = 0
    var misses = 0
    var valueBytes = 0

    /// The same without its values, which do not fit into the answer. A chunk without hits stays as it is.
    fileprivate mutating func refuseValues() {
        guard hits > 0 else { return }
        for index in statuses.indices where statuses[index] == EngineKeyStatus.found.rawValue {
            statuses[index] = EngineKeyStatus.tooLarge.rawValue
            if !versions.isEmpty { versions[index] = 0 }
        }
        values = []
        tooLarge = hits
        hits = 0
    }

    /// Hits whose values were refused; if there are any, `values` is empty.
    fileprivate var tooLarge = 0
}

/// A `MultiGetResponse` of pages; the keys of those that are not there were not read in time.
struct SharedReadResult {
    private let pages: [ReadPage?]
    let keyCount: Int
    private let withVersions: Bool

    /// - Parameter valueBytesMax: the first chunk that does not fit and all behind it are TOO_LARGE.
    init(_ read: [ReadPage?], keyCount: Int, withVersions: Bool, valueBytesMax: Int) {
        var pages = read
        var bytes = 0
        for index in pages.indices {
            bytes += pages[index]?.valueBytes ?? 0
            if bytes > valueBytesMax { pages[index]?.refuseValues() }
        }
        self.pages = pages
        self.keyCount = keyCount
        self.withVersions = withVersions
    }

    var hits: Int { pages.reduce(0) { $0 + ($1?.hits ?? 0) } }
    var misses: Int { pages.reduce(0) { $0 + ($1?.misses ?? 0) } }
    var tooLarge: Int { pages.reduce(0) { $0 + ($1?.tooLarge ?? 0) } }
    /// Chunks that nobody has read.
    var missingPages: Int { pages.reduce(0) { $0 + ($1 == nil ? 1 : 0) } }
    /// Keys that were not read in time.
    var late: Int { keyCount - hits - misses - tooLarge }

    /// The whole answer, without a frame.
    func encoded(_ head: AnswerHead, _ format: RPCFormat) -> ByteBuffer {
        let bytes = ByteWriter(into: ByteBuffer(), minimumCapacity: 4_096 + keyCount)
        switch format {
        case .messagePack:
            var writer = MessagePackWriter(bytes)
            write(head, to: &writer) { $1.bytes.store($0) }
            return writer.finish().finish()
        case .thriftBinary:
            var writer = ThriftBinaryWriter(bytes)
            write(head, to: &writer) { $1.bytes.store($0) }
            return writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(bytes)
            write(head, to: &writer) { $1.bytes.store($0) }
            return writer.finish().finish()
        }
    }

    /// - Parameter store: stores what is encoded already.
    private func write<Writer: MessageWriter & ~Copyable>(
        _ head: AnswerHead, to writer: inout Writer, storing store: (ByteBuffer, inout Writer) -> Void
    ) {
        var statuses: [UInt8] = []
        var versions: [Int64] = []
        statuses.reserveCapacity(keyCount)
        writer.beginResult(head, .structure)
        var scope = writer.beginStruct(fieldCount: withVersions ? 4 : 3)
        writer.field(&scope, 1, "values", .list)
        writer.beginList(of: .binary, count: keyCount)
        for (index, page) in pages.enumerated() {
            if let page {
                if page.tooLarge > 0 {
                    for _ in page.statuses { writer.writeAbsentBinary() }
                } else {
                    for piece in page.values { store(piece, &writer) }
                }
                statuses += page.statuses
                versions += page.versions
            } else {
                let count = min(SharedRead.keysPerChunk, keyCount - index * SharedRead.keysPerChunk)
                for _ in 0..<count { writer.writeAbsentBinary() }
                statuses += repeatElement(EngineKeyStatus.deadlineExceeded.rawValue, count: count)
                if withVersions { versions += repeatElement(0, count: count) }
            }
        }
        writer.field(&scope, 2, "statuses", .binary)
        writer.write(unsafe statuses.span.bytes)
        if withVersions {
            writer.field(&scope, 3, "versions", .list)
            writer.write(versions)
        }
        writer.field(&scope, 4, "complete", .bool)
        writer.write(hits + misses == keyCount)
        writer.endStruct()
        writer.endResult()
    }
}
