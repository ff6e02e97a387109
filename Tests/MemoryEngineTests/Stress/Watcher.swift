//! A reader of a stress run: it looks at everybody's keys, one by one, many at a time and in scans, and knows from the
//! board what it must find.

import NIOCore
import NeedletailWire
import StorageEngine
import Timing

@testable import MemoryEngine

/// One reading thread.
struct Watcher {
    private let run: StressRun
    private let session: MemorySession
    private var generator: SeededGenerator
    /// The newest version seen of each key, and its value's stamp.
    private var versions = Array(repeating: Int64(0), count: StressRun.keyCount)
    private var stamps = Array(repeating: 0, count: StressRun.keyCount)

    init(_ run: StressRun, seed: UInt64) {
        self.run = run
        session = run.engine.makeSession()
        generator = SeededGenerator(seed: seed)
    }

    // MARK: What must hold

    /// Whatever another thread does: the value is the key's, whole, not expired, and not older than what was seen.
    private mutating func check(_ item: borrowing ReadItem, _ number: Int, _ now: WallTime, floor: Int64) {
        let stamp = run.stamp(of: item, number)
        run.check(item.expiry > now, "key \(number) is there after its expiry")
        run.check(item.version >= floor, "key \(number) is older than its last acknowledged write")
        run.check(item.version >= versions[number], "key \(number) went back")
        run.check(item.version > versions[number] || stamp == stamps[number], "key \(number) changed its value")
        run.check(
            stamp >= stamps[number] || number >= StressRun.firstCounter, "key \(number) has an old value")
        versions[number] = item.version
        stamps[number] = stamp
    }

    /// What the board says that a read must have found, if it said the same before and after it.
    private func check(_ claim: Board.Claim, found version: Int64?, _ number: Int) {
        guard claim == run.board.claim(number) else { return }
        if claim.isMissing { run.check(version == nil, "key \(number) is there, and was removed") }
        guard let live = claim.version else { return }
        run.check(version == live || (version == nil && run.evicts), "key \(number) is missing, or another version")
    }

    // MARK: Reads

    mutating func readMany(_ count: Int) {
        let numbers = (0..<count).map { _ in Int.random(in: 0..<StressRun.keyCount, using: &generator) }
        let claims = numbers.map { run.board.claim($0) }
        let floors = numbers.map { run.board.floor($0) }
        let list = BinaryList(numbers.map { run.keys[$0] })
        let now = run.now
        var found: [Int64?] = []
        run.engine.read(list, now: now, session: session) { batch in
            for index in 0..<batch.count {
                let place = found.count
                let item = batch[index]
                found.append(item.status == .found ? item.version : nil)
                if item.status == .found { check(item, numbers[place], now, floor: floors[place]) }
            }
        }
        run.check(found.count == count, "answers are missing")
        for place in 0..<count { check(claims[place], found: found[place], numbers[place]) }
    }

    mutating func readOne() {
        let number = Int.random(in: 0..<StressRun.keyCount, using: &generator)
        let key = run.keys[number]
        let claim = run.board.claim(number)
        let floor = run.board.floor(number)
        let now = run.now
        var found: Int64?
        run.engine.read(key.readableBytesSpan, now: now, session: session) { batch in
            let item = batch[0]
            guard item.status == .found else { return }
            check(item, number, now, floor: floor)
            found = item.version
        }
        check(claim, found: found, number)
    }

    // MARK: Scans

    /// All pages of a scan. A key that was there all the time is handed out, one that was not is not.
    mutating func scan() {
        let claims = (0..<StressRun.keyCount).map { run.board.claim($0) }
        // Seven of the eight bytes of a number: the keys of one 256.
        let prefixes = 0...StressRun.keyCount / 256
        let prefix = Bool.random(using: &generator) ? nil : Int.random(in: prefixes, using: &generator)
        var options = ScanOptions(limit: .random(in: 1...700, using: &generator))
        options.keysOnly = Bool.random(using: &generator)
        options.byteLimit = Bool.random(using: &generator) ? .max : .random(in: 1...20_000, using: &generator)
        if let prefix { options.prefix = firstBytes(prefix) }
        var seen = Array(repeating: Int64?.none, count: StressRun.keyCount)
        repeat {
            let now = run.now
            var count = 0
            do {
                options.cursor = try run.engine.scan(options, now: now, session: session) { key, item in
                    let number = StressRun.number(ofKey: key)
                    run.check(prefix == nil || number >> 8 == prefix, "a scan hands out what was not asked for")
                    check(item, number, now, floor: 0)
                    seen[number] = item.version
                    count += 1
                }
            } catch {
                fatalError("stress, seed \(run.seed): \(error)")
            }
            run.check(count <= options.limit, "a page of \(count), not \(options.limit)")
        } while options.cursor != nil
        for number in seen.indices where prefix == nil || number >> 8 == prefix {
            check(claims[number], found: seen[number], number)
        }
    }

    /// The first seven bytes of the numbers of one 256.
    private func firstBytes(_ prefix: Int) -> ByteBuffer {
        var bytes = ByteBuffer(integer: prefix << 8)
        return bytes.readSlice(length: 7) ?? ByteBuffer()
    }
}
