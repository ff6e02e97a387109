internal import NIOCore
internal import NeedletailWire
internal import StorageAPI
internal import Testing

@testable internal import needletail_load

/// What is sent: templates with keys and values written into them, read back by the project's readers or byte by byte.
@Suite struct RequestTests {
    private let keys = KeySpace(count: 5_000, keySize: 16, valueSize: 101)
    private static let wide: UInt32 = 0xffff_fffe

    /// Two calls in a row of `driver`, and the entries that they name.
    private func calls<Driver: LoadDriver>(_ driver: Driver, _ shape: CallShape) -> [(
        bytes: [UInt8], numbers: [UInt32]
    )] {
        var chooser = KeyChooser(.uniform, seed: 42, count: keys.count)
        var copy = chooser
        let queue = ByteQueue(capacity: 16)
        return [1, Self.wide].map { id in
            queue.append(driver.template, id: id, &chooser)
            let bytes = queue.withBytes { $0.array(0..<$0.count) }
            queue.consume(bytes.count)
            return (bytes, (0..<shape.keysPerCall).map { _ in copy.next() })
        }
    }

    /// Checks the keys, and values where there are any, of a request that a reader stands before.
    private func check<Reader: WireReader & ~Copyable & ~Escapable>(
        _ reader: inout Reader, _ shape: CallShape, _ numbers: [UInt32]
    ) throws {
        let expectedKeys = numbers.map { ByteBuffer(bytes: keys.key($0)) }
        let expectedValues = numbers.map { ByteBuffer(bytes: keys.value($0)) }
        switch shape.operation {
        case .get: #expect(try GetRequest(from: &reader).key == expectedKeys[0])
        case .multiGet: #expect(try MultiGetRequest(from: &reader).keys == BinaryList(expectedKeys))
        case .put:
            let request = try PutRequest(from: &reader)
            #expect(request.key == expectedKeys[0])
            #expect(request.value == expectedValues[0])
            #expect(request.durability == nil)
        case .remove: #expect(try RemoveRequest(from: &reader).key == expectedKeys[0])
        case .multiPut:
            let entries = try MultiPutRequest(from: &reader).entries
            #expect(entries.map(\.key) == expectedKeys)
            #expect(entries.map(\.value) == expectedValues)
        case .getDataByRange:
            let request = try GetDataByRangeRequest(from: &reader)
            #expect(request.owner == expectedKeys[0])
            #expect(request.fromMillis == EventHistory.startMillis)
            #expect(request.toMillis == shape.history?.endMillis)
        }
    }

    static let shapes: [(CallShape, String)] = [
        (.get, "get"), (.multiGet(1), "multiGet"), (.multiGet(100), "multiGet"), (.put, "put"), (.remove, "remove"),
        (CallShape(operation: .multiPut, keysPerCall: 7), "multiPut"),
        (.getDataByRange(EventHistory()), "getDataByRange"),
    ]

    @Test(arguments: shapes)
    func messagePack(_ shape: CallShape, _ method: String) throws {
        for ((bytes, numbers), id) in zip(calls(MessagePackDriver(shape, keys), shape), [1, Self.wide]) {
            let message = ByteBuffer(bytes: bytes)
            var reader = MessagePackReader(message)
            let head = try reader.readEnvelope()
            #expect(head.kind == .request)
            #expect(head.id == id)
            #expect(text(of: head.method) == method)
            #expect(try reader.readArrayHeader() == 1)
            try check(&reader, shape, numbers)
            #expect(reader.cursor.remaining == 0)
        }
    }

    @Test(arguments: shapes)
    func thriftBinary(_ shape: CallShape, _ method: String) throws {
        let plain = calls(ThriftBinaryDriver<Unframed>(shape, keys), shape)
        let framed = calls(ThriftBinaryDriver<Framed>(shape, keys), shape)
        for ((bytes, numbers), (framedBytes, _)) in zip(plain, framed) {
            #expect(Array(framedBytes.dropFirst(4)) == bytes)
            #expect(framedBytes.span.loadUInt32(at: 0) == UInt32(bytes.count))
            let message = ByteBuffer(bytes: bytes)
            var reader = ThriftBinaryReader(message)
            let head = try reader.readHead()
            #expect(head.kind == .call)
            #expect(text(of: head.name) == method)
            var arguments = try reader.beginStruct()
            #expect(try reader.nextField(&arguments, in: FieldTable(("request", 1)))?.id == 1)
            try check(&reader, shape, numbers)
            #expect(try reader.nextField(&arguments, in: FieldTable(("request", 1))) == nil)
            #expect(reader.cursor.remaining == 0)
        }
    }

    @Test(arguments: shapes)
    func thriftCompact(_ shape: CallShape, _ method: String) throws {
        for (bytes, numbers) in calls(ThriftCompactDriver(shape, keys), shape) {
            let message = ByteBuffer(bytes: bytes)
            var reader = ThriftCompactReader(message)
            let head = try reader.readHead()
            #expect(head.kind == .call)
            #expect(text(of: head.name) == method)
            var arguments = try reader.beginStruct()
            #expect(try reader.nextField(&arguments, in: FieldTable(("request", 1)))?.id == 1)
            try check(&reader, shape, numbers)
            #expect(try reader.nextField(&arguments, in: FieldTable(("request", 1))) == nil)
            #expect(reader.cursor.remaining == 0)
        }
    }

    private func text(of bytes: RawSpan) -> String {
        unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    @Test func redis() {
        for (bytes, numbers) in calls(RESPDriver(.get, keys), .get) {
            #expect(bytes == Array("*2\r\n$3\r\nGET\r\n$16\r\n".utf8) + keys.key(numbers[0]) + Array("\r\n".utf8))
        }
        for (bytes, numbers) in calls(RESPDriver(.multiGet(2), keys), .multiGet(2)) {
            let expected =
                Array("*3\r\n$4\r\nMGET\r\n$16\r\n".utf8) + keys.key(numbers[0]) + Array("\r\n$16\r\n".utf8)
                + keys.key(numbers[1]) + Array("\r\n".utf8)
            #expect(bytes == expected)
        }
        for (bytes, numbers) in calls(RESPDriver(.remove, keys), .remove) {
            #expect(bytes == Array("*2\r\n$3\r\nDEL\r\n$16\r\n".utf8) + keys.key(numbers[0]) + Array("\r\n".utf8))
        }
        for (bytes, numbers) in calls(RESPDriver(.put, keys), .put) {
            let expected =
                Array("*3\r\n$3\r\nSET\r\n$16\r\n".utf8) + keys.key(numbers[0]) + Array("\r\n$101\r\n".utf8)
                + keys.value(numbers[0]) + Array("\r\n".utf8)
            #expect(bytes == expected)
        }
    }

    @Test func memcached() {
        for (bytes, numbers) in calls(MemcachedDriver(.multiGet(2), keys), .multiGet(2)) {
            let space = Array(" ".utf8)
            let expected =
                Array("get".utf8) + space + keys.key(numbers[0]) + space + keys.key(numbers[1]) + Array("\r\n".utf8)
            #expect(bytes == expected)
        }
        for (bytes, numbers) in calls(MemcachedDriver(.remove, keys), .remove) {
            #expect(bytes == Array("delete ".utf8) + keys.key(numbers[0]) + Array("\r\n".utf8))
        }
        for (bytes, numbers) in calls(MemcachedDriver(.put, keys), .put) {
            let expected =
                Array("set ".utf8) + keys.key(numbers[0]) + Array(" 0 0 101\r\n".utf8) + keys.value(numbers[0])
                + Array("\r\n".utf8)
            #expect(bytes == expected)
        }
    }
}
