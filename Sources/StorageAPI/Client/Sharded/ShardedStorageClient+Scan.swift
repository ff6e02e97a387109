internal import NIOCore
public import NeedletailRPC

extension ShardedStorageClient {
    /// Walks over the keys of one server after the other, page by page.
    ///
    /// As ``StorageClient/scan(_:options:)``; the cursor says which server is next, too, and is good for the same list of
    /// servers only. A page is one server's, so it may have fewer entries than `limit` although the walk goes on.
    /// - Throws: what the server threw whose turn it is; INVALID_ARGUMENT for a cursor that is not one.
    public func scan(
        _ request: ScanRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> ScanResponse {
        guard let place = ScanPlace(cursor: request.cursor, serverCount: servers.count) else {
            throw .refused(.invalidArgument, "the cursor is not one of a scan over these \(servers.count) servers")
        }
        var own = request
        own.cursor = place.cursor
        var page = try await servers[place.server].scan(own, options: options)
        let next =
            page.cursor.map { ScanPlace(server: place.server, cursor: $0) }
            ?? ScanPlace(server: place.server + 1, cursor: nil)
        page.cursor = next.server < servers.count ? next.encoded(serverCount: servers.count) : nil
        return page
    }
}

/// Where a walk over several servers stands. As a cursor: the number of servers and the index of the one whose turn it is,
/// both 16 bits, big endian, and then that server's own cursor, empty where the walk over it has not begun.
struct ScanPlace: Equatable {
    var server: Int
    /// The server's own cursor; nil to begin.
    var cursor: ByteBuffer?

    init(server: Int, cursor: ByteBuffer?) {
        self.server = server
        self.cursor = cursor
    }

    /// nil if the cursor is none of a walk over so many servers. No cursor: the beginning.
    init?(cursor: ByteBuffer?, serverCount: Int) {
        guard var bytes = cursor else {
            self.init(server: 0, cursor: nil)
            return
        }
        guard let (count, server) = bytes.readMultipleIntegers(as: (UInt16, UInt16).self), count == serverCount,
            server < serverCount
        else { return nil }
        self.init(server: Int(server), cursor: bytes.readableBytes == 0 ? nil : bytes)
    }

    func encoded(serverCount: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(UInt16(serverCount), UInt16(server))
        if let cursor { bytes.writeImmutableBuffer(cursor) }
        return bytes
    }
}
