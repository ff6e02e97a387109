//! The ways to serve a read of the case study: each of its three changes made or not, and where blobs are Thrift, read by
//! either of two decoders. Eight for each decoder, of which four, those of MessagePack, are the same: twelve.

/// How blobs are encoded.
enum BlobCodec: String, Sendable, Hashable, Codable, CaseIterable {
    case thrift
    case messagePack = "msgpack"
}

/// What blobs are decoded by.
enum BlobDecoder: String, Sendable, Hashable, Codable, CaseIterable {
    /// `NaiveEvents`: objects and copies, as much code for Thrift has it.
    case naiveThrift = "naive Thrift"
    /// What our compiler generates.
    case thrift = "Thrift"
    case messagePack = "MessagePack"

    var codec: BlobCodec { self == .messagePack ? .messagePack : .thrift }

    /// Those that the change to MessagePack is measured against.
    static let thrifts: [BlobDecoder] = [.naiveThrift, .thrift]
}

/// How blobs are expanded.
enum BlobBuffers: String, Sendable, Hashable, Codable, CaseIterable {
    case fresh
    case pooled
}

/// How the keys of a range are read.
enum KeyReads: String, Sendable, Hashable, Codable, CaseIterable {
    case sequential
    case concurrent

    /// Keys that are read at the same time (`reads.concurrency`).
    var concurrency: Int {
        switch self {
        case .sequential: 1
        case .concurrent: 64
        }
    }
}

struct CaseVariant: Sendable, Hashable, Codable {
    var decoder: BlobDecoder
    var buffers: BlobBuffers
    var reads: KeyReads

    /// As the case study began.
    static let none = CaseVariant.none(.naiveThrift)
    /// As it ended.
    static let full = CaseVariant(decoder: .messagePack, buffers: .pooled, reads: .concurrent)

    /// None of the changes, with this decoder.
    static func none(_ decoder: BlobDecoder) -> CaseVariant {
        CaseVariant(decoder: decoder, buffers: .fresh, reads: .sequential)
    }

    /// All twelve, in the order in which they take turns.
    static let all = BlobDecoder.allCases.flatMap { decoder in
        BlobBuffers.allCases.flatMap { buffers in
            KeyReads.allCases.map { CaseVariant(decoder: decoder, buffers: buffers, reads: $0) }
        }
    }

    /// The eight of the 2 x 2 x 2 between this decoder and MessagePack's.
    static func factorial(_ decoder: BlobDecoder) -> [CaseVariant] {
        all.filter { $0.decoder == decoder || $0.decoder == .messagePack }
    }

    /// As a table names it.
    var title: String { "\(decoder.rawValue), \(buffers.rawValue), \(reads.rawValue)" }

    /// What the server is told. Each key is a read of its own, as in the service that the case study is about.
    func flags(width: Int? = nil) -> [String] {
        [
            "--history-codec", decoder.codec.rawValue, "--history-buffers", buffers.rawValue,
            "--reads-concurrency", "\(width ?? reads.concurrency)", "--reads-keys-per-part", "1",
        ]
    }
}

/// One of the case study's changes.
enum CaseChange: String, Sendable, Hashable, Codable, CaseIterable {
    case messagePack = "MessagePack"
    case pooled
    case concurrent

    /// Whether it is made in `variant`.
    func isMade(in variant: CaseVariant) -> Bool {
        switch self {
        case .messagePack: variant.decoder == .messagePack
        case .pooled: variant.buffers == .pooled
        case .concurrent: variant.reads == .concurrent
        }
    }

    /// `variant` with this change made as it is made in `other`.
    func made(in variant: CaseVariant, as other: CaseVariant) -> CaseVariant {
        var changed = variant
        switch self {
        case .messagePack: changed.decoder = other.decoder
        case .pooled: changed.buffers = other.buffers
        case .concurrent: changed.reads = other.reads
        }
        return changed
    }
}
