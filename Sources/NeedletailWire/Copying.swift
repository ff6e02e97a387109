//! Bytes and text of one's own, from what a message lends.

public import NIOCore

extension ByteBuffer {
    public init(copying bytes: RawSpan) {
        self.init()
        reserveCapacity(bytes.byteCount)
        writeBytes(bytes)
    }

    /// nil for nothing.
    public init?(copying bytes: RawSpan?) {
        guard let bytes else { return nil }
        self.init(copying: bytes)
    }
}

extension String {
    /// nil for nothing.
    public init?(copying text: UTF8Span?) {
        guard let text else { return nil }
        self.init(copying: text)
    }
}
