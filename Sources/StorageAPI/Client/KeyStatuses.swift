//! What became of each key: the bytes of `statuses`, read.

public import NIOCore
internal import NeedletailWire

extension MultiGetResponse {
    /// What became of the request's key `index`.
    public func status(at index: Int) -> KeyStatus { KeyStatus(at: index, of: statuses) }

    /// The value of the request's key `index`; nil unless its status is FOUND.
    public func value(at index: Int) -> ByteBuffer? {
        status(at: index) == .found && index < values.count ? values.buffer(at: index) : nil
    }
}

extension MultiPutResponse {
    /// What became of the request's entry `index`.
    public func status(at index: Int) -> KeyStatus { KeyStatus(at: index, of: statuses) }
}

extension KeyStatus {
    /// Unrecognized where an answer is shorter than it must be.
    fileprivate init(at index: Int, of statuses: ByteBuffer) {
        let byte = statuses.getInteger(at: statuses.readerIndex + index, as: UInt8.self)
        self.init(rawValue: Int32(byte ?? 0))
    }

    /// As it stands in `statuses`.
    var byte: UInt8 { UInt8(truncatingIfNeeded: rawValue) }
}
