//! One page of a scan: steps through a node's keys and reads their values, until the page is full or it has worked
//! enough.

internal import NIOCore
internal import NeedletailWire
internal import StorageEngine

final class ScanPageRun {
    /// Messages to nodes for one page; then it ends, empty if need be.
    private static let stepsMax = 16
    /// What `SCAN` is asked to look at in one step, in keys.
    static let countMax = 4_096
    /// Keys whose values are read at once: few until it is known how large values are.
    private static let valuesFirst = 16
    private static let valuesMax = 256

    private let engine: RedisEngine
    private let session: RedisSession
    private let options: ScanOptions
    private let call: EngineCall<ScanPage>
    private let pattern: ByteBuffer?
    private var cursor: ScanCursor
    private var entries: [(key: ByteBuffer, value: StoredValue)] = []
    private var entryBytes = 0
    private var steps = 0
    private var count: Int
    private var isFull = false

    init(
        _ engine: RedisEngine, _ session: RedisSession, _ options: ScanOptions, _ cursor: ScanCursor,
        _ call: EngineCall<ScanPage>
    ) {
        self.engine = engine
        self.session = session
        self.options = options
        self.cursor = cursor
        self.call = call
        count = min(max(options.limit, 1), Self.countMax)
        pattern = options.prefix.readableBytes > 0 ? Self.pattern(options.prefix) : nil
    }

    func begin() {
        session.cluster.whenKnown { failure in
            if let failure { return self.call.fail(failure) }
            self.goOn()
        }
    }

    /// `prefix`, whatever is in it, and then anything.
    static func pattern(_ prefix: ByteBuffer) -> ByteBuffer {
        var pattern = ByteBuffer()
        for byte in prefix.readableBytesView {
            if "*?[]\\".utf8.contains(byte) { pattern.writeInteger(UInt8(ascii: "\\")) }
            pattern.writeInteger(byte)
        }
        pattern.writeInteger(UInt8(ascii: "*"))
        return pattern
    }

    private func goOn() {
        if call.hasEnded { return }
        if isFull || entries.count >= options.limit { return finish() }
        if !cursor.keys.isEmpty { return options.keysOnly ? takeKeys() : readValues() }
        guard steps < Self.stepsMax else { return finish() }
        steps += 1
        guard let map = session.cluster.map else { return finish() }
        if cursor.current.isEmpty {
            guard let slot = map.firstSlot(notIn: cursor.done), let shard = map.shard(of: slot) else { return finish() }
            cursor.current = map.slots(of: shard)
            cursor.run = nil
            cursor.position = 0
        }
        step()
    }

    private func finish() {
        let isDone =
            cursor.keys.isEmpty && cursor.current.isEmpty
            && session.cluster.map?.firstSlot(notIn: cursor.done) == nil
        call.succeed(ScanPage(entries: entries, cursor: isDone ? nil : cursor.bytes))
    }

    // MARK: Keys

    private func step() {
        guard let slot = cursor.current.first else { return finish() }
        var result: Result<RESPValue, EngineError> = .failure(.unavailable(reason: RedisEngine.wrongType))
        let items = Exchange.Items(
            slots: [slot], repliesPerItem: 2, encode: { _, commands, _ in self.encodeStep(&commands) },
            encodeJoined: nil,
            onReply: { _, reply in
                result = reply
                return true
            })
        let exchange = Exchange(items, .readPrimary, session: session) { _ in
            switch result {
            case .failure(let error): self.call.fail(error)
            case .success(let reply): self.stepped(reply, slot: slot)
            }
        }
        call.onCancel = { exchange.cancel() }
        exchange.begin()
    }

    private func encodeStep(_ commands: inout CommandWriter) {
        commands.begin(words: pattern == nil ? 6 : 8)
        commands.word("SCAN" as StaticString)
        commands.word(String(cursor.position))
        if let pattern {
            commands.word("MATCH" as StaticString)
            commands.word(pattern)
        }
        commands.word("COUNT" as StaticString)
        commands.word(Int64(count))
        commands.word("TYPE" as StaticString)
        commands.word("string" as StaticString)
        commands.command("INFO", "server")
    }

    private func stepped(_ reply: RESPValue, slot: UInt16) {
        guard let replies = reply.array, let parts = replies[0].array, parts.count == 2,
            let position = parts[0].text.flatMap(UInt64.init), let keys = parts[1].array,
            keys.count <= ScanCursor.keysMax, keys.allSatisfy({ $0.bulk != nil })
        else { return call.fail(.unavailable(reason: RedisEngine.wrongType)) }
        let run = Self.run(of: replies[1])
        guard let map = session.cluster.map, let shard = map.shard(of: slot) else { return finish() }
        if let before = cursor.run, before != run {
            // Another process has the slots: its cursors are its own.
            cursor.current = map.slots(of: shard)
            cursor.run = nil
            cursor.position = 0
            return goOn()
        }
        cursor.run = run
        cursor.position = position
        cursor.keys = keys.compactMap(\.bulk).filter { (1...ScanCursor.keyBytesMax).contains($0.readableBytes) }[...]
        if position == 0 {
            cursor.done.formUnion(cursor.current.intersection(map.slots(of: shard)))
            cursor.current = SlotSet()
        }
        count =
            cursor.keys.isEmpty
            ? min(4 * count, Self.countMax) : min(max(options.limit - entries.count, 1), Self.countMax)
        goOn()
    }

    /// A number of the process that answered `INFO`; 0 where it does not tell.
    private static func run(of info: RESPValue) -> UInt64 {
        guard let text = info.text,
            let range = text.utf8.split(separator: UInt8(ascii: "\n")).first(where: {
                $0.starts(with: "run_id:".utf8)
            })
        else { return 0 }
        return UInt64(Substring(range.dropFirst(7).prefix(16)), radix: 16) ?? 0
    }

    // MARK: Entries

    /// Whether the entry has a place in the page.
    private func add(_ key: ByteBuffer, _ value: StoredValue) -> Bool {
        let size = key.readableBytes + value.value.readableBytes
        guard entries.isEmpty || entryBytes + size <= options.byteLimit else {
            isFull = true
            return false
        }
        entries.append((key, value))
        entryBytes += size
        return true
    }

    private func takeKeys() {
        var taken = 0
        for key in cursor.keys.prefix(options.limit - entries.count) {
            guard add(key, StoredValue(ByteBuffer())) else { break }
            taken += 1
        }
        cursor.keys.removeFirst(taken)
        goOn()
    }

    /// Reads as many values as will find a place, if they are as large as those before.
    private func readValues() {
        let fitting =
            entries.isEmpty
            ? Self.valuesFirst : (options.byteLimit - entryBytes) / max(entryBytes / entries.count, 1)
        let keys = Array(
            cursor.keys.prefix(min(max(fitting, 1), Self.valuesMax, options.limit - entries.count)))
        var read: MultiRead?
        let begun = MultiRead(BinaryList(keys), width: FanOutWidth(concurrency: .max, keysPerPart: Self.valuesMax)) {
            if let read { self.didRead(keys, read) }
            read = nil
        }
        read = begun
        call.onCancel = { begun.cancel() }
        engine.multiGet(begun, session: session)
    }

    private func didRead(_ keys: [ByteBuffer], _ read: MultiRead) {
        var taken = 0
        for (index, key) in keys.enumerated() {
            switch read.statuses[index] {
            case .found:
                guard add(key, StoredValue(read.values[index])) else {
                    cursor.keys.removeFirst(taken)
                    return finish()
                }
            // It is gone, or of another type by now.
            case .missing: break
            default:
                // Of another type, or larger than what is read.
                if case .unsupported? = read.failure { break }
                return call.fail(read.failure ?? .unavailable(reason: RedisEngine.wrongType))
            }
            taken += 1
        }
        cursor.keys.removeFirst(taken)
        goOn()
    }
}
