//! Requests and answers of the API, encoded and decoded in each format: a get, and a multiGet of 100.

internal import NIOCore
internal import NeedletailWire
internal import StorageAPI

enum CodecBenchmarks {
    static let all = of(MessagePackFormat.self) + of(BinaryFormat.self) + of(CompactFormat.self)

    private static let countedSingles = 1_000
    private static let countedCallsOfMany = 100

    private static func of<Format: MessageFormat>(_ format: Format.Type) -> [MicroBenchmark] {
        let get = GetRequest(key: MicroSample.key(7))
        let gotten = GetResponse(value: MicroSample.value(7), version: 1 << 40)
        let multiGet = MultiGetRequest(keys: BinaryList((0..<MicroSample.keysPerCall).map(MicroSample.key)))
        let multiGotten = MultiGetResponse(
            values: BinaryList((0..<MicroSample.keysPerCall).map(MicroSample.value)),
            statuses: ByteBuffer(
                repeating: UInt8(truncatingIfNeeded: KeyStatus.found.rawValue), count: MicroSample.keysPerCall),
            complete: true)
        return both("get-request", get, format, counted: countedSingles) { $0.key.readableBytes }
            + both("get-answer", gotten, format, counted: countedSingles) { $0.value?.readableBytes ?? 0 }
            + both("multi-get-100-request", multiGet, format, counted: countedCallsOfMany) { $0.keys.count }
            + both("multi-get-100-answer", multiGotten, format, counted: countedCallsOfMany) {
                $0.values.count &+ $0.statuses.readableBytes
            }
    }

    /// - Parameter checksum: something of each part of a decoded value.
    private static func both<Value: WireStruct & Sendable, Format: MessageFormat>(
        _ name: String, _ value: Value, _ format: Format.Type, counted: Int,
        _ checksum: @escaping @Sendable (Value) -> Int
    ) -> [MicroBenchmark] {
        [
            MicroBenchmark("codec.\(Format.name).encode-\(name)", countedOperations: counted) {
                var output = ByteBuffer()
                return { operations in
                    var bytes = 0
                    var storage = ByteBuffer()
                    swap(&storage, &output)
                    for _ in 0..<operations {
                        storage = Format.encode(value, into: consume storage)
                        bytes &+= storage.readableBytes
                    }
                    swap(&storage, &output)
                    return bytes
                }
            },
            MicroBenchmark("codec.\(Format.name).decode-\(name)", countedOperations: counted) {
                let message = Format.encode(value, into: ByteBuffer())
                return { operations in
                    var sum = 0
                    for _ in 0..<operations {
                        let decoded: Value = try Format.decode(message)
                        sum &+= checksum(decoded)
                    }
                    return sum
                }
            },
        ]
    }
}

extension MicroSample {
    /// A key of 16 bytes for each number.
    static func key(_ number: Int) -> ByteBuffer {
        var bytes = ByteBuffer(integer: number)
        bytes.writeInteger(UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15)
        return bytes
    }

    static func value(_ number: Int) -> ByteBuffer {
        ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: valueSize)
    }
}
