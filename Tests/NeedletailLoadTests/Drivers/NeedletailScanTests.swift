internal import NIOCore
internal import NeedletailWire
internal import StorageAPI
internal import Testing

@testable internal import needletail_load

/// The service's answers, in each format, as the generator's scanners see them.
@Suite struct NeedletailScanTests {
    private let keys = KeySpace(count: 1_000, keySize: 16, valueSize: 100)

    /// Checks `answer` with the driver of `format`.
    private func check(
        _ format: AnswerFormat, _ shape: CallShape, _ answer: [UInt8], _ expected: ExpectedCounts,
        _ keys: KeySpace? = nil, id: UInt32? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let keys = keys ?? self.keys
        switch format {
        case .messagePack:
            try checkScan(MessagePackDriver(shape, keys), answer, expected, id: id, sourceLocation: sourceLocation)
        case .thriftBinary:
            try checkScan(ThriftBinaryDriver<Unframed>(shape, keys), answer, expected, sourceLocation: sourceLocation)
        case .thriftFramed:
            try checkScan(ThriftBinaryDriver<Framed>(shape, keys), answer, expected, sourceLocation: sourceLocation)
        case .thriftCompact:
            try checkScan(ThriftCompactDriver(shape, keys), answer, expected, sourceLocation: sourceLocation)
        }
    }

    @Test(arguments: AnswerFormat.allCases)
    func get(_ format: AnswerFormat) throws {
        let found = GetResponse(value: ByteBuffer(bytes: keys.value(7)), version: 1_795_229_709_099_000, ttlMillis: 9)
        try check(format, .get, format.success("get", found), ExpectedCounts(found: 1))
        let empty = GetResponse(value: ByteBuffer(), version: 5)
        try check(format, .get, format.success("get", empty), ExpectedCounts(found: 1))
        try check(format, .get, format.success("get", GetResponse()), ExpectedCounts(missing: 1))
        try check(format, .get, format.failure("get"), ExpectedCounts(failed: 1))
        try check(format, .get, format.exception("get"), ExpectedCounts(failed: 1))
    }

    @Test(arguments: AnswerFormat.allCases, [0, 1, 14, 15, 300])
    func multiGet(_ format: AnswerFormat, count: Int) throws {
        let values = (0..<count).map { $0 % 3 == 1 ? nil : keys.value(UInt32($0)) }
        let missing = values.count { $0 == nil }
        try check(
            format, .multiGet(max(count, 1)), format.success("multiGet", MultiGetAnswer(values)),
            ExpectedCounts(found: count - missing, missing: missing))
    }

    @Test("an answer that says that a put reached less than the server was started for is wrong")
    func durability() throws {
        let cases: [(reached: Durability?, isEnough: Bool)] = [
            (.synced, true), (.logged, true), (.memory, false), (nil, false),
        ]
        for (reached, isEnough) in cases {
            let answer = AnswerFormat.messagePack.success("put", PutResponse(applied: true, durability: reached))
            let decode = { _ = try MessagePackDriver(.put(.logged), keys).decode(answer) }
            if isEnough { try decode() } else { #expect(throws: WrongAnswer.self) { try decode() } }
            _ = try MessagePackDriver(.put, keys).decode(answer)
        }
    }

    @Test("values of every width of length", arguments: AnswerFormat.allCases, [8, 255, 256, 300, 66_000])
    func wideValues(_ format: AnswerFormat, size: Int) throws {
        let keys = KeySpace(count: 10, keySize: 16, valueSize: size)
        let answer = format.success("multiGet", MultiGetAnswer([keys.value(1), nil, keys.value(2)]))
        try check(format, .multiGet(3), answer, ExpectedCounts(found: 2, missing: 1), keys)
    }

    @Test(arguments: AnswerFormat.allCases)
    func multiGetErrors(_ format: AnswerFormat) throws {
        try check(format, .multiGet(3), format.failure("multiGet"), ExpectedCounts(failed: 3))
        try check(format, .multiGet(3), format.exception("multiGet"), ExpectedCounts(failed: 3))
        // FOUND, DEADLINE_EXCEEDED, SHED.
        let partial = MultiGetResponse(
            values: ["12345678", "", ""], statuses: ByteBuffer(bytes: [1, 3, 5]), complete: false)
        try check(format, .multiGet(3), format.success("multiGet", partial), ExpectedCounts(found: 1, failed: 2))
    }

    @Test(arguments: AnswerFormat.allCases)
    func writes(_ format: AnswerFormat) throws {
        let applied = PutResponse(applied: true, version: 1 << 50, durability: .memory)
        try check(format, .put, format.success("put", applied), ExpectedCounts(found: 1))
        let refused = PutResponse(applied: false, version: 3)
        try check(format, .put, format.success("put", refused), ExpectedCounts(failed: 1))
        try check(format, .put, format.failure("put"), ExpectedCounts(failed: 1))
        let removed = RemoveResponse(removed: true, durability: .logged)
        try check(format, .remove, format.success("remove", removed), ExpectedCounts(found: 1))
        try check(
            format, .remove, format.success("remove", RemoveResponse(removed: false)), ExpectedCounts(missing: 1))
        try check(format, .remove, format.failure("remove"), ExpectedCounts(failed: 1))
        let stored = MultiPutResponse(statuses: ByteBuffer(bytes: [7, 7, 4, 7]), durability: .memory)
        try check(
            format, CallShape(operation: .multiPut, keysPerCall: 4), format.success("multiPut", stored),
            ExpectedCounts(found: 3, failed: 1))
    }

    @Test(
        "MessagePack's answers name their call, whatever the width of its id",
        arguments: [0, 127, 128, 255, 256, 65_535, 65_536, .max] as [UInt32])
    func ids(_ id: UInt32) throws {
        let answer = AnswerFormat.messagePack.success(id: id, "get", GetResponse(value: ByteBuffer(string: "12345678")))
        try check(.messagePack, .get, answer, ExpectedCounts(found: 1), id: id)
        try check(
            .messagePack, .get, AnswerFormat.messagePack.failure(id: id, "get"), ExpectedCounts(failed: 1), id: id)
    }

    @Test("bytes that are no answer are refused, not waited for")
    func malformed() {
        let garbage = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
        var scan = AnswerScan()
        #expect(throws: MalformedAnswer.self) { try MessagePackDriver(.get, keys).scan(garbage.span, &scan) }
        scan = AnswerScan()
        #expect(throws: MalformedAnswer.self) {
            try ThriftBinaryDriver<Unframed>(.get, keys).scan(garbage.span, &scan)
        }
        scan = AnswerScan()
        #expect(throws: MalformedAnswer.self) { try ThriftCompactDriver(.get, keys).scan(garbage.span, &scan) }
    }

    @Test("a wrong value is found out", arguments: AnswerFormat.allCases)
    func verification(_ format: AnswerFormat) throws {
        let chooser = KeyChooser(.uniform, seed: 3, count: keys.count)
        var copy = chooser
        let numbers = (0..<5).map { _ in copy.next() }
        let right = numbers.map(keys.value)
        var wrong = right
        wrong[3][99] ^= 1
        let shape = CallShape.multiGet(5)
        let verify = { (values: [[UInt8]?]) in
            let answer = format.success("multiGet", MultiGetAnswer(values))
            switch format {
            case .messagePack: try MessagePackDriver(shape, keys).verify(answer, chooser, shape, keys)
            case .thriftBinary: try ThriftBinaryDriver<Unframed>(shape, keys).verify(answer, chooser, shape, keys)
            case .thriftFramed: try ThriftBinaryDriver<Framed>(shape, keys).verify(answer, chooser, shape, keys)
            case .thriftCompact: try ThriftCompactDriver(shape, keys).verify(answer, chooser, shape, keys)
            }
        }
        try verify(right)
        #expect(throws: WrongAnswer.self) { try verify(wrong) }
        #expect(throws: WrongAnswer.self) { try verify(right.dropLast()) }
        #expect(throws: WrongAnswer.self) { try verify(right.dropLast() + [nil]) }
        #expect(throws: (any Error).self) {
            try MessagePackDriver(shape, keys).verify(
                AnswerFormat.messagePack.failure("multiGet"), chooser, shape, keys)
        }
    }
}
