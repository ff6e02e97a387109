//! The eight ways to serve a read of the case study: each of its three changes made or not.

/// How blobs are encoded.
enum BlobCodec: String, Sendable, Hashable, Codable, CaseIterable {
    case thrift
    case messagePack = "msgpack"
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
    var codec: BlobCodec
    var buffers: BlobBuffers
    var reads: KeyReads

    /// As the case study began.
    static let none = CaseVariant(codec: .thrift, buffers: .fresh, reads: .sequential)
    /// As it ended.
    static let full = CaseVariant(codec: .messagePack, buffers: .pooled, reads: .concurrent)

    /// All eight, in the order in which they take turns.
    static let all = BlobCodec.allCases.flatMap { codec in
        BlobBuffers.allCases.flatMap { buffers in
            KeyReads.allCases.map { CaseVariant(codec: codec, buffers: buffers, reads: $0) }
        }
    }

    /// As a table names it.
    var title: String {
        let codec = codec == .thrift ? "Thrift" : "MessagePack"
        return "\(codec), \(buffers.rawValue), \(reads.rawValue)"
    }

    /// What `needletail serve` is told. Each key is a read of its own, as in the service that the case study is about.
    var flags: [String] {
        [
            "--history-codec", codec.rawValue, "--history-buffers", buffers.rawValue,
            "--reads-concurrency", "\(reads.concurrency)", "--reads-keys-per-part", "1",
        ]
    }
}

/// One of the case study's changes.
enum CaseChange: String, Sendable, Hashable, Codable, CaseIterable {
    case messagePack = "MessagePack instead of Thrift"
    case pooled = "pooled instead of fresh"
    case concurrent = "concurrent instead of sequential"

    /// `variant` with this change made as it is made in `other`.
    func made(in variant: CaseVariant, as other: CaseVariant) -> CaseVariant {
        var changed = variant
        switch self {
        case .messagePack: changed.codec = other.codec
        case .pooled: changed.buffers = other.buffers
        case .concurrent: changed.reads = other.reads
        }
        return changed
    }
}
