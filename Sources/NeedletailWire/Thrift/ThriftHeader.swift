//! The headers that may stand before a Thrift message: THeader, which is Facebook's, and TTHeader, which is ByteDance's.
//!
//! Both begin alike, behind the frame's length: a magic number, flags, the sequence id, and the length of the rest of the
//! header in words of four bytes. The rest differs: THeader counts in variable-length integers, TTHeader in bytes and
//! 16-bit integers, and has integer keys beside string keys. Zeros fill the last word; behind it lies the message.

/// What a header says of the message behind it, without its entries.
package struct ThriftHeader: Sendable, Hashable, BitwiseCopyable {
    /// Whose header it is.
    package enum Kind: Sendable, Hashable, CaseIterable, BitwiseCopyable {
        /// Facebook's.
        case theader
        /// ByteDance's.
        case ttheader

        package var magic: UInt16 {
            switch self {
            case .theader: 0x0fff
            case .ttheader: 0x1000
            }
        }

        /// The most words of four bytes behind the first `startSize` bytes.
        package var wordsMax: Int {
            switch self {
            case .theader: 0x3fff
            case .ttheader: 0xffff
            }
        }
    }

    /// The protocol of the message.
    package enum Encoding: Sendable, Hashable, CaseIterable, BitwiseCopyable {
        case binary
        case compact

        /// The number that a header has for it. (TTHeader's 2 was a compact protocol that nobody speaks any more.)
        package func number(_ kind: Kind) -> UInt8 {
            switch (self, kind) {
            case (.binary, _): 0
            case (.compact, .theader): 2
            case (.compact, .ttheader): 3
            }
        }

        /// The one with this number; nil if it is none that we speak.
        package init?(number: UInt64, _ kind: Kind) {
            guard let encoding = Self.allCases.first(where: { $0.number(kind) == number }) else { return nil }
            self = encoding
        }
    }

    package let kind: Kind
    package var flags: UInt16
    package var sequenceID: Int32
    package var encoding: Encoding
    /// The message is compressed by zlib (THeader only).
    package var isCompressed: Bool
    /// The message has a length of its own before it (TTHeader only, where it is called TTHeaderFramed).
    package var isFramedInside = false

    package init(
        _ kind: Kind, sequenceID: Int32 = 0, flags: UInt16 = 0, encoding: Encoding = .binary, isCompressed: Bool = false
    ) {
        self.kind = kind
        self.sequenceID = sequenceID
        self.flags = flags
        self.encoding = encoding
        self.isCompressed = isCompressed
    }

    /// THeader's flag of a client that finds answers by their ids, in whatever order they come. (TTHeader's always do.)
    package static let outOfOrderFlag: UInt16 = 0x01
    /// TTHeader's flag of a frame that belongs to a stream.
    package static let streamingFlag: UInt16 = 0x02
    /// Bytes from the magic number to the number of words.
    package static let startSize = 10
    /// The most entries of a header that are read.
    package static let entryCountMax = 1_024
    /// THeader's number for zlib.
    static let zlibTransform: UInt64 = 1

    /// What introduces a group of entries, or the padding.
    enum Info {
        static let padding: UInt8 = 0x00
        static let strings: UInt8 = 0x01
        static let integers: UInt8 = 0x10
        static let token: UInt8 = 0x11
    }
}

/// The integer keys of TTHeader that mean something here.
package enum TTHeaderKey {
    package static let logID: UInt16 = 2
    package static let fromService: UInt16 = 3
    package static let fromCluster: UInt16 = 4
    package static let toService: UInt16 = 6
    package static let toCluster: UInt16 = 7
    package static let toMethod: UInt16 = 9
    package static let rpcTimeout: UInt16 = 12
    package static let readTimeout: UInt16 = 13
}
