//! What stands before the compressed events of a blob. History.md has the layout byte by byte.

internal import NIOCore

/// How events are encoded inside a blob. Raw values are on disk.
package enum BlobCodec: UInt8, Sendable, Hashable, CaseIterable {
    /// MessagePack: an array of the timestamp and the data.
    case msgpack = 1
    /// Thrift, compact: struct `Event`.
    case thrift = 2
}

/// Why a blob cannot be read, or not be written, or was not.
package enum BlobError: Error, Sendable, Hashable {
    /// It does not begin as a blob does.
    case notABlob
    case unknownVersion(UInt8)
    case unknownCodec(UInt8)
    /// It would expand to more than a blob may.
    case rawSizeOverLimit(size: Int, limit: Int)
    /// The compressed blob would be larger than a value may be.
    case sizeOverLimit(limit: Int)
    /// Its compressed part is damaged, cut off, or followed by something.
    case notCompressed
    /// It expands to more or to fewer bytes than its header says.
    case wrongRawSize
    /// It holds more or fewer events than its header says.
    case wrongCount
    /// An event is not encoded as the header says.
    case badEvent
    /// An event is earlier than the one before it.
    case unsorted
    /// The time of the call was over in the middle of the blob. Says nothing about the blob.
    case deadlineExceeded
}

extension BlobError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notABlob: "not a history blob"
        case .unknownVersion(let version): "a history blob of version \(version), which is not known"
        case .unknownCodec(let codec): "a history blob with codec \(codec), which is not known"
        case .rawSizeOverLimit(let size, let limit): "\(size) bytes of events, at most \(limit) are allowed"
        case .sizeOverLimit(let limit): "more than \(limit) bytes of compressed events"
        case .notCompressed: "the compressed events are damaged"
        case .wrongRawSize: "the events have another size than the header says"
        case .wrongCount: "there are more or fewer events than the header says"
        case .badEvent: "an event is damaged"
        case .unsorted: "the events are not in the order of time"
        case .deadlineExceeded: "not read within the call's time"
        }
    }
}

/// The first bytes of a blob.
struct BlobHeader: Equatable {
    static let byteCount = 12
    private static let magic: UInt8 = 0x48  // 'H'
    private static let version: UInt8 = 1
    /// What a blob may expand to, in bytes: 64 MiB. A blob that says more is refused before anything is expanded.
    static let rawSizeMax = 64 << 20

    var codec: BlobCodec
    var count: Int
    /// Of the events, expanded.
    var rawSize: Int

    init(_ codec: BlobCodec, count: Int, rawSize: Int) {
        self.codec = codec
        self.count = count
        self.rawSize = rawSize
    }

    /// Reads the header and leaves what is behind it.
    init(from blob: inout ByteBuffer) throws(BlobError) {
        guard
            let (magic, version, codec, _, count, rawSize) = blob.readMultipleIntegers(
                as: (UInt8, UInt8, UInt8, UInt8, UInt32, UInt32).self),
            magic == Self.magic
        else { throw .notABlob }
        guard version == Self.version else { throw .unknownVersion(version) }
        guard let known = BlobCodec(rawValue: codec) else { throw .unknownCodec(codec) }
        self.init(known, count: Int(count), rawSize: Int(rawSize))
        if self.rawSize > Self.rawSizeMax { throw .rawSizeOverLimit(size: self.rawSize, limit: Self.rawSizeMax) }
    }

    /// Writes the header over the first bytes of `blob`, which are there.
    func set(in blob: inout ByteBuffer) {
        blob.setMultipleIntegers(
            Self.magic, Self.version, codec.rawValue, 0 as UInt8, UInt32(count), UInt32(rawSize), at: blob.readerIndex)
    }
}
