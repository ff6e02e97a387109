internal import Testing

@testable internal import needletail_load

/// Redis' and memcached's answers, written as their protocols document them.
@Suite struct PeerScanTests {
    private let keys = KeySpace(count: 1_000, keySize: 16, valueSize: 10)

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test func redis() throws {
        let get = RESPDriver(.get, keys)
        try checkScan(get, bytes("$10\r\n0123456789\r\n"), ExpectedCounts(found: 1))
        try checkScan(get, bytes("$0\r\n\r\n"), ExpectedCounts(found: 1))
        try checkScan(get, bytes("$-1\r\n"), ExpectedCounts(missing: 1))
        try checkScan(get, bytes("-LOADING Redis is loading\r\n"), ExpectedCounts(failed: 1))
        let multiGet = RESPDriver(.multiGet(3), keys)
        try checkScan(
            multiGet, bytes("*3\r\n$10\r\n01\r\n$45678\r\n$-1\r\n$2\r\n\r\n\r\n"), ExpectedCounts(found: 2, missing: 1)
        )
        try checkScan(multiGet, bytes("-ERR wrong\r\n"), ExpectedCounts(failed: 3))
        let put = RESPDriver(.put, keys)
        try checkScan(put, bytes("+OK\r\n"), ExpectedCounts(found: 1))
        try checkScan(put, bytes("-OOM command not allowed\r\n"), ExpectedCounts(failed: 1))
        let remove = RESPDriver(.remove, keys)
        try checkScan(remove, bytes(":1\r\n"), ExpectedCounts(found: 1))
        try checkScan(remove, bytes(":0\r\n"), ExpectedCounts(missing: 1))
    }

    @Test func memcached() throws {
        let get = MemcachedDriver(.get, keys)
        let key = String(decoding: keys.key(5), as: UTF8.self)
        try checkScan(get, bytes("VALUE \(key) 0 10\r\n0123456789\r\nEND\r\n"), ExpectedCounts(found: 1))
        try checkScan(get, bytes("VALUE \(key) 12 0\r\n\r\nEND\r\n"), ExpectedCounts(found: 1))
        try checkScan(get, bytes("END\r\n"), ExpectedCounts(missing: 1))
        try checkScan(get, bytes("SERVER_ERROR out of memory\r\n"), ExpectedCounts(failed: 1))
        let multiGet = MemcachedDriver(.multiGet(3), keys)
        try checkScan(
            multiGet, bytes("VALUE \(key) 0 10\r\nEND\r\n56789\r\nVALUE \(key) 0 1\r\nV\r\nEND\r\n"),
            ExpectedCounts(found: 2, missing: 1))
        try checkScan(multiGet, bytes("ERROR\r\n"), ExpectedCounts(failed: 3))
        let put = MemcachedDriver(.put, keys)
        try checkScan(put, bytes("STORED\r\n"), ExpectedCounts(found: 1))
        try checkScan(put, bytes("SERVER_ERROR object too large for cache\r\n"), ExpectedCounts(failed: 1))
        let remove = MemcachedDriver(.remove, keys)
        try checkScan(remove, bytes("DELETED\r\n"), ExpectedCounts(found: 1))
        try checkScan(remove, bytes("NOT_FOUND\r\n"), ExpectedCounts(missing: 1))
        try checkScan(remove, bytes("SERVER_ERROR out of memory\r\n"), ExpectedCounts(failed: 1))
    }

    @Test("values of keys of any length are passed over")
    func keysOfManySizes() throws {
        let keys = KeySpace(count: 1_000, .etc)
        let get = MemcachedDriver(.get, keys)
        for number: UInt32 in 0..<100 {
            let key = String(decoding: keys.key(number), as: UTF8.self)
            let value = String(repeating: "v", count: keys.value(number).count)
            try checkScan(
                get, bytes("VALUE \(key) 0 \(value.count)\r\n\(value)\r\nEND\r\n"), ExpectedCounts(found: 1))
        }
    }

    @Test("where keys are removed a value may be missing, and not be another")
    func removals() throws {
        let chooser = KeyChooser(.uniform, seed: 3, count: keys.count)
        var copy = chooser
        let numbers = [copy.next(), copy.next()]
        var shape = CallShape.multiGet(2)
        shape.mayMiss = true
        let text = MemcachedDriver(shape, keys)
        func answer(_ key: UInt32, valueOf other: UInt32) -> [UInt8] {
            bytes("VALUE ") + keys.key(key) + bytes(" 0 10\r\n") + keys.value(other) + bytes("\r\nEND\r\n")
        }
        try text.verify(bytes("END\r\n"), chooser, shape, keys)
        try text.verify(answer(numbers[1], valueOf: numbers[1]), chooser, shape, keys)
        #expect(throws: WrongAnswer.self) {
            try text.verify(answer(numbers[1], valueOf: numbers[0]), chooser, shape, keys)
        }
        let resp = RESPDriver(shape, keys)
        let half = bytes("*2\r\n$-1\r\n$10\r\n")
        try resp.verify(half + keys.value(numbers[1]) + bytes("\r\n"), chooser, shape, keys)
        #expect(throws: WrongAnswer.self) {
            try resp.verify(half + keys.value(numbers[0]) + bytes("\r\n"), chooser, shape, keys)
        }
    }

    @Test("a wrong value is found out")
    func verification() throws {
        let chooser = KeyChooser(.uniform, seed: 3, count: keys.count)
        var copy = chooser
        let numbers = [copy.next(), copy.next()]
        let shape = CallShape.multiGet(2)
        func redis(_ numbers: [UInt32]) -> [UInt8] {
            numbers.reduce(bytes("*2\r\n")) { $0 + bytes("$10\r\n") + keys.value($1) + bytes("\r\n") }
        }
        func memcached(_ numbers: [UInt32], valuesOf others: [UInt32]) -> [UInt8] {
            zip(numbers, others).reduce([]) {
                $0 + bytes("VALUE ") + keys.key($1.0) + bytes(" 0 10\r\n") + keys.value($1.1) + bytes("\r\n")
            } + bytes("END\r\n")
        }
        let swapped = Array(numbers.reversed())
        let (resp, text) = (RESPDriver(shape, keys), MemcachedDriver(shape, keys))
        try resp.verify(redis(numbers), chooser, shape, keys)
        #expect(throws: WrongAnswer.self) { try resp.verify(redis(swapped), chooser, shape, keys) }
        try text.verify(memcached(numbers, valuesOf: numbers), chooser, shape, keys)
        #expect(throws: WrongAnswer.self) {
            try text.verify(memcached(numbers, valuesOf: swapped), chooser, shape, keys)
        }
        #expect(throws: WrongAnswer.self) {
            try text.verify(memcached(swapped, valuesOf: swapped), chooser, shape, keys)
        }
        #expect(throws: WrongAnswer.self) { try text.verify(bytes("END\r\n"), chooser, shape, keys) }
    }

    @Test("bytes that are no answer are refused, not waited for")
    func malformed() {
        var scan = AnswerScan()
        #expect(throws: MalformedAnswer.self) { try RESPDriver(.get, keys).scan(bytes("$12x\r\n").span, &scan) }
        scan = AnswerScan()
        #expect(throws: MalformedAnswer.self) {
            try MemcachedDriver(.get, keys).scan(bytes("VALUE 0123456789abcdef 0 1x\r\n").span, &scan)
        }
    }
}
