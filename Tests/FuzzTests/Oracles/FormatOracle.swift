//! What must hold for a format's scanner, reader and structs, whatever bytes come. The input's first byte chooses what the
//! others are taken for.
//!
//! - A scanner ends a value, asks for more, or fails, at the same place whole, byte by byte and in pieces, and announces
//!   no more bytes than the value turns out to have.
//! - A value that a reader reads to its end ends there for the scanner too, and the other way round.
//! - A struct that was decoded is the same after encoding and decoding again.

import NIOCore
import NeedletailRPC
import NeedletailWire

struct FormatOracle {
    private enum Verdict: Equatable {
        case end(Int)
        case needsMore(Int)
        case failed(WireError)
    }

    private static let depthLimit = 16
    private static let types: [WireType] = [
        .bool, .int8, .double, .int16, .int32, .int64, .binary, .structure, .map, .set, .list, .uuid,
    ]

    private let format: RPCFormat

    init(_ format: RPCFormat) { self.format = format }

    func check(_ input: [UInt8]) throws {
        guard let choice = input.first else { return }
        let bytes = Array(input.dropFirst())
        let type = Self.types[Int(choice) % Self.types.count]
        switch format {
        case .messagePack: try check(MessagePackScanner(depthLimit: Self.depthLimit), type, bytes)
        case .thriftBinary: try check(ThriftBinaryScanner(type, depthLimit: Self.depthLimit), type, bytes)
        case .thriftCompact: try check(ThriftCompactScanner(type, depthLimit: Self.depthLimit), type, bytes)
        }
        try StructOracle(format).check(ByteBuffer(bytes: bytes), choice: Int(choice))
    }

    private func check(_ scanner: some ValueScanner, _ type: WireType, _ bytes: [UInt8]) throws {
        let message = ByteBuffer(bytes: bytes)
        var random = SeededGenerator(hashOf: bytes)
        let whole = try scan(scanner, message) { $0 }
        let byteByByte = try scan(scanner, message) { _ in 1 }
        let inPieces = try scan(scanner, message) { min($0, 1 + random.below(16)) }
        guard byteByByte == whole, inPieces == whole else {
            throw OracleFailure("the scanner says \(whole), byte by byte \(byteByByte), in pieces \(inPieces)")
        }
        let read = read(type, message)
        switch (whole, read) {
        case (.end(let scanned), .end(let read)) where scanned == read: break
        // What a scanner does not look at: the sum of field ids, the content of a timestamp.
        case (.end, .failed(.integerOverflow)) where format == .thriftCompact: break
        case (.end, .failed(.badLength)) where format == .messagePack: break
        case (.end, .failed(.badMessage)) where format == .messagePack: break
        case (.end, _), (_, .end): throw OracleFailure("the scanner says \(whole), the reader \(read)")
        default: break
        }
    }

    private func scan(
        _ scanner: some ValueScanner, _ message: ByteBuffer, pieces: (_ remaining: Int) -> Int
    ) throws -> Verdict {
        var scanner = scanner
        var offset = 0
        var count = 0
        var announced = 0
        while true {
            let isEnd: Bool
            do throws(WireError) {
                isEnd = try scanner.advance(over: message.readableBytesSpan.extracting(0..<count), from: &offset)
            } catch {
                return .failed(error)
            }
            if isEnd {
                if announced <= offset { return .end(offset) }
                throw OracleFailure("\(announced) bytes were announced for a value of \(offset)")
            }
            announced = max(announced, offset + scanner.bytesAwaitedMin)
            if count == message.readableBytes { return .needsMore(offset) }
            count += pieces(message.readableBytes - count)
        }
    }

    /// The value by way of the reader: its end, or why there is none.
    private func read(_ type: WireType, _ message: ByteBuffer) -> Verdict {
        let budget = WireBudget(depth: format == .messagePack ? Self.depthLimit : .max, count: .max)
        do throws(WireError) {
            switch format {
            case .messagePack:
                var reader = MessagePackReader(message, budget: budget)
                _ = try reader.readValue()
                return .end(reader.cursor.offset)
            case .thriftBinary:
                var reader = ThriftBinaryReader(message, budget: budget)
                try reader.walk(type, depthLimit: Self.depthLimit)
                return .end(reader.cursor.offset)
            case .thriftCompact:
                var reader = ThriftCompactReader(message, budget: budget)
                try reader.walk(type, depthLimit: Self.depthLimit)
                return .end(reader.cursor.offset)
            }
        } catch {
            return .failed(error)
        }
    }
}
