//! Cuts replies out of the bytes of a connection, as they come.
//!
//! Nothing is read twice: a line that is not whole is searched on from where the search ended, a bulk string is looked
//! at again when all of it is there, and an array keeps the elements that it has. Bulk strings are slices of the bytes
//! as they were received. One with which a reply would be too large is passed over as it comes; the reply says so in
//! its place.
//!
//! Always true: what a peer announces reserves no memory beyond one bulk string within the limit; after an error the
//! parser is of no more use.

internal import NIOCore

struct RESPParser {
    struct Limits: Hashable, Sendable {
        /// Bytes of one reply's bulk strings, those of all elements together; and of its lines.
        var replyBytesMax = 64 << 20
        /// Bytes of a line: a status, an error, a length.
        var lineBytesMax = 64 << 10
        /// Arrays in arrays.
        var depthMax = 8
    }

    private struct OpenArray {
        /// Elements that are missing.
        var missing: Int
        var elements: [RESPValue]
    }

    /// Elements that memory is reserved for before they have come.
    private static let reservedElementsMax = 1_024

    private let limits: Limits
    private var bytes = ByteBuffer()
    /// Room in `bytes` may be written to without a copy: nothing else refers to it.
    private var isPrivate = false
    /// Bytes of `bytes` that were searched for a line's end in vain.
    private var searched = 0
    /// The bulk string whose length was read and whose bytes are not there.
    private var bulkLength: Int?
    /// It does not fit: `bulkLength` counts what has yet to be passed over.
    private var isPassedOver = false
    /// The arrays that are not complete, the outermost first.
    private var open: [OpenArray] = []
    /// Bytes of the reply's lines so far, and of those of its bulk strings that were not passed over.
    private var lineBytes = 0
    private var bulkBytes = 0

    init(limits: Limits = Limits()) { self.limits = limits }

    mutating func append(_ received: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = received
            isPrivate = false
            return
        }
        if !isPrivate || bytes.writableBytes < received.readableBytes {
            // Room for the whole of a bulk string that is awaited: its bytes are copied once.
            let awaited = isPassedOver ? 0 : (bulkLength ?? 0) + 2
            let needed = max(awaited, 2 * bytes.readableBytes, bytes.readableBytes + received.readableBytes)
            var joined = ByteBufferAllocator().buffer(capacity: needed)
            joined.writeImmutableBuffer(bytes)
            bytes = joined
            isPrivate = true
        }
        bytes.writeImmutableBuffer(received)
    }

    /// The next reply; nil if it is not whole.
    mutating func next() throws(RESPError) -> RESPValue? {
        while let value = try element() {
            if let reply = close(value) {
                lineBytes = 0
                bulkBytes = 0
                return reply
            }
        }
        return nil
    }

    /// Puts `value` where it belongs; the reply if that completes it.
    private mutating func close(_ value: RESPValue) -> RESPValue? {
        var value = value
        while var array = open.popLast() {
            array.elements.append(value)
            array.missing -= 1
            if array.missing > 0 {
                open.append(array)
                return nil
            }
            value = .array(array.elements)
        }
        return value
    }

    /// The next value that is no array with elements; nil if it is not whole.
    private mutating func element() throws(RESPError) -> RESPValue? {
        while true {
            if let length = bulkLength { return try bulk(length) }
            guard var line = try line() else { return nil }
            let type = line.readInteger(as: UInt8.self) ?? 0
            switch type {
            case UInt8(ascii: "+"): return .status(line)
            case UInt8(ascii: "-"): return .error(RESPErrorReply(text: String(buffer: line)))
            case UInt8(ascii: ":"):
                guard let value = Self.integer(line) else { throw .malformedInteger }
                return .integer(value)
            case UInt8(ascii: "$"):
                guard let length = try length(line) else { return .null }
                isPassedOver = length > limits.replyBytesMax - bulkBytes
                if !isPassedOver { bulkBytes += length }
                bulkLength = length
            case UInt8(ascii: "*"):
                guard let count = try length(line) else { return .null }
                if count == 0 { return .array([]) }
                // Every element takes a byte at least.
                guard count <= limits.replyBytesMax - lineBytes else {
                    throw .replyTooLarge(limit: limits.replyBytesMax)
                }
                guard open.count < limits.depthMax else { throw .tooDeep(limit: limits.depthMax) }
                var elements: [RESPValue] = []
                elements.reserveCapacity(min(count, Self.reservedElementsMax))
                open.append(OpenArray(missing: count, elements: elements))
            default: throw .unknownType(type)
            }
        }
    }

    private mutating func bulk(_ length: Int) throws(RESPError) -> RESPValue? {
        var length = length
        if isPassedOver {
            let count = min(length, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: count)
            length -= count
            bulkLength = length
        }
        guard bytes.readableBytes >= length + 2, let value = bytes.readSlice(length: length) else { return nil }
        guard bytes.readInteger(as: UInt16.self) == 0x0d0a else { throw .missingLineEnd }
        bulkLength = nil
        isPrivate = false
        return isPassedOver ? .tooLarge : .bulk(value)
    }

    /// The next line without its end; nil if it is not whole.
    private mutating func line() throws(RESPError) -> ByteBuffer? {
        let view = bytes.readableBytesView
        guard let end = view.dropFirst(searched).firstIndex(of: UInt8(ascii: "\n")) else {
            searched = view.count
            guard searched < limits.lineBytesMax else { throw .lineTooLong(limit: limits.lineBytesMax) }
            return nil
        }
        let length = end - view.startIndex
        guard length <= limits.lineBytesMax else { throw .lineTooLong(limit: limits.lineBytesMax) }
        guard length >= 2, view[end - 1] == UInt8(ascii: "\r"), let line = bytes.readSlice(length: length - 1) else {
            throw .missingLineEnd
        }
        bytes.moveReaderIndex(forwardBy: 2)
        searched = 0
        isPrivate = false
        lineBytes += length + 1
        guard lineBytes <= limits.replyBytesMax else { throw .replyTooLarge(limit: limits.replyBytesMax) }
        return line
    }

    /// A length; nil for what is missing.
    private func length(_ line: ByteBuffer) throws(RESPError) -> Int? {
        // No buffer has more bytes, and nothing that a node holds.
        guard let length = Self.integer(line), (-1...Int64(UInt32.max)).contains(length) else {
            throw .malformedLength
        }
        return length == -1 ? nil : Int(length)
    }

    static func integer(_ text: ByteBuffer) -> Int64? {
        let isNegative = text.readableBytesView.first == UInt8(ascii: "-")
        let digits = text.readableBytesView.dropFirst(isNegative ? 1 : 0)
        guard (1...19).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let number = Int64(digit &- UInt8(ascii: "0"))
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) =
                isNegative ? product.subtractingReportingOverflow(number) : product.addingReportingOverflow(number)
            guard !productOverflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }
}
