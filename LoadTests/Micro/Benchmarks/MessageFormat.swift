//! The three wire formats under one face: readers over a message that has arrived, writers into a buffer that is used
//! again, as the server uses them.

package import NIOCore
package import NeedletailWire

/// A wire format's reader and writer.
package protocol MessageFormat: SendableMetatype {
    /// As names have it.
    static var name: String { get }
    /// - Parameter storage: where it is written, if nobody else holds it.
    static func encode<Value: WireStruct>(_ value: borrowing Value, into storage: consuming ByteBuffer) -> ByteBuffer
    static func decode<Value: WireStruct>(_ message: borrowing ByteBuffer) throws(WireError) -> Value
}

package enum BinaryFormat: MessageFormat {
    package static let name = "thrift-binary"

    @inlinable
    package static func encode<Value: WireStruct>(
        _ value: borrowing Value, into storage: consuming ByteBuffer
    ) -> ByteBuffer {
        var writer = ThriftBinaryWriter(ByteWriter(into: consume storage))
        value.encode(to: &writer)
        return writer.finish().finish()
    }

    @inlinable
    package static func decode<Value: WireStruct>(_ message: borrowing ByteBuffer) throws(WireError) -> Value {
        var reader = ThriftBinaryReader(message)
        return try Value(from: &reader)
    }
}

package enum CompactFormat: MessageFormat {
    package static let name = "thrift-compact"

    @inlinable
    package static func encode<Value: WireStruct>(
        _ value: borrowing Value, into storage: consuming ByteBuffer
    ) -> ByteBuffer {
        var writer = ThriftCompactWriter(ByteWriter(into: consume storage))
        value.encode(to: &writer)
        return writer.finish().finish()
    }

    @inlinable
    package static func decode<Value: WireStruct>(_ message: borrowing ByteBuffer) throws(WireError) -> Value {
        var reader = ThriftCompactReader(message)
        return try Value(from: &reader)
    }
}

package enum MessagePackFormat: MessageFormat {
    package static let name = "messagepack"

    @inlinable
    package static func encode<Value: WireStruct>(
        _ value: borrowing Value, into storage: consuming ByteBuffer
    ) -> ByteBuffer {
        var writer = MessagePackWriter(ByteWriter(into: consume storage))
        value.encode(to: &writer)
        return writer.finish().finish()
    }

    @inlinable
    package static func decode<Value: WireStruct>(_ message: borrowing ByteBuffer) throws(WireError) -> Value {
        var reader = MessagePackReader(message)
        return try Value(from: &reader)
    }
}
