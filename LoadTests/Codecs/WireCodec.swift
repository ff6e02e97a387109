//! Our codecs, as the server uses them: readers over a message that has arrived, writers into a buffer that is used again.

internal import MicroBenchmarks
internal import NIOCore
internal import NeedletailWire

/// A value whose parts can be added up.
protocol CodecValue: WireStruct, Hashable {
    var checksum: Int { get }
}

extension SmallRecord: CodecValue {
    @inline(__always)
    var checksum: Int {
        Int(timestampMillis) &+ Int(sequence) &+ name.utf8.count &+ key.readableBytes &+ (isFinal ? 1 : 0)
            &+ Int(amount) &+ Int(ttlMillis ?? 0) &+ (note?.utf8.count ?? 0)
    }
}

extension KeyList: CodecValue {
    @inline(__always)
    var checksum: Int { keys.count &+ keys.byteCount(at: keys.count - 1) }
}

extension TreeNode: CodecValue {
    @inline(__always)
    var checksum: Int { Int(number) &+ name.utf8.count &+ children.count }
}

/// One of our codecs at work on one value.
struct WireCodec<Value: CodecValue, Format: MessageFormat>: MeasuredCodec {
    private let value: Value
    private let input: ByteBuffer
    private var output: ByteBuffer

    init(_ value: Value, as format: Format.Type) {
        self.value = value
        input = Format.encode(value, into: ByteBuffer())
        output = ByteBuffer()
    }

    var message: [UInt8] { Array(input.readableBytesView) }

    mutating func encode() -> Int {
        var storage = ByteBuffer()
        swap(&storage, &output)
        output = Format.encode(value, into: consume storage)
        return output.readableBytes
    }

    func decode() throws -> Int { try decoded.checksum }

    /// The message as a value again.
    var decoded: Value { get throws { try Format.decode(input) } }
}
