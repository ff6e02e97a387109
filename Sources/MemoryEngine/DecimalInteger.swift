//! The text of counters: `0` or `-?[1-9][0-9]*` within 64 bits, nothing else; so each number has one text.

/// A 64-bit integer as decimal ASCII, without an allocation.
struct DecimalInteger {
    /// `Int64.min` has 20 characters.
    private static let charactersMax = 20

    private var characters = InlineArray<20, UInt8>(repeating: 0)
    private var start = charactersMax

    init(_ value: Int64) {
        var magnitude = value.magnitude
        repeat {
            start -= 1
            characters[start] = UInt8(ascii: "0") + UInt8(magnitude % 10)
            magnitude /= 10
        } while magnitude > 0
        if value < 0 {
            start -= 1
            characters[start] = UInt8(ascii: "-")
        }
    }

    /// Lends the characters.
    mutating func withBytes<Result, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let start = start
        return try unsafe characters.span.bytes.withUnsafeBytes { bytes throws(Failure) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
    }

    /// The number that `text` is; nil if it is none.
    static func parse(_ text: UnsafeRawBufferPointer) -> Int64? {
        guard (1...charactersMax).contains(text.count) else { return nil }
        let isNegative = unsafe text[0] == UInt8(ascii: "-")
        let digits = isNegative ? 1 : 0
        guard text.count > digits else { return nil }
        if unsafe text[digits] == UInt8(ascii: "0") { return text.count == 1 ? 0 : nil }
        var value: Int64 = 0
        for index in digits..<text.count {
            let digit = unsafe Int64(text[index]) - Int64(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return nil }
            // Towards the number's own end: the smallest number has no positive counterpart.
            let (product, productOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !productOverflow, !sumOverflow else { return nil }
            value = sum
        }
        return value
    }
}
