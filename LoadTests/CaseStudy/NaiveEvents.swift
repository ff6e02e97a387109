//! The case study's decoder before its changes: all events that lie there become a tree of objects, and then each becomes
//! the program's struct, a copy. Where buffers are fresh that is a whole blob, where they are pooled what fits into the window.

internal import HistoryService
internal import NIOCore
internal import StorageAPI

struct NaiveEvents: ThriftEventDecoder {
    func decode(
        _ bytes: ByteBuffer, _ body: (Int64, RawSpan) throws(BlobError) -> BlobReading
    ) throws(BlobError) -> Int {
        let reader = NaiveCompactReader(Array(bytes.readableBytesView))
        var trees: [NaiveThriftStruct] = []
        var end = 0
        while !reader.isAtEnd {
            do throws(NaiveThriftError) { trees.append(try reader.readStruct()) } catch {
                if error == .truncated { break }
                throw .badEvent
            }
            end = reader.position
        }
        for tree in trees {
            let event = try Self.event(of: tree)
            if case .ends = try body(event.timestampMillis, event.data.readableBytesSpan) { break }
        }
        return end
    }

    private static func event(of tree: NaiveThriftStruct) throws(BlobError) -> Event {
        do throws(NaiveThriftError) {
            return Event(timestampMillis: try tree.int64(1), data: ByteBuffer(bytes: try tree.binary(2)))
        } catch {
            throw .badEvent
        }
    }
}
