//! Numbers and texts.

extension Lexer {
    /// A number at `offset`: decimal (`-5`), hexadecimal (`0x1F`), octal as in thriftgo (`0o17`), or a double (`.5`,
    /// `1e3`, `-1.5E-3`). nil if there is none.
    mutating func number(at location: SourceLocation) -> Token.Kind? {
        let sign = byte() == UInt8(ascii: "+") || byte() == UInt8(ascii: "-") ? 1 : 0
        if byte(sign) == UInt8(ascii: "0") {
            if byte(sign + 1) == UInt8(ascii: "x"), let number = integer(16, after: sign, at: location) {
                return number
            }
            if byte(sign + 1) == UInt8(ascii: "o"), let number = integer(8, after: sign, at: location) { return number }
        }
        var end = sign
        while byte(end).isDigit { end += 1 }
        var isDouble = false
        if byte(end) == UInt8(ascii: "."), byte(end + 1).isDigit {
            isDouble = true
            end += 1
            while byte(end).isDigit { end += 1 }
        }
        if end == sign { return nil }
        if byte(end) | 0x20 == UInt8(ascii: "e") {
            let exponent = byte(end + 1) == UInt8(ascii: "+") || byte(end + 1) == UInt8(ascii: "-") ? end + 2 : end + 1
            if byte(exponent).isDigit {
                isDouble = true
                end = exponent
                while byte(end).isDigit { end += 1 }
            }
        }
        let text = take(end)
        if isDouble {
            guard let number = Double(text), number.isFinite else {
                log.error("\(text.shortened) is too large for a double", at: location)
                return .double(0)
            }
            return .double(number)
        }
        return fitted(Int64(text), text, at: location)
    }

    /// The digits of `radix` after a sign and a prefix of two letters; nil if there are none.
    private mutating func integer(_ radix: Int, after sign: Int, at location: SourceLocation) -> Token.Kind? {
        var end = sign + 2
        while let value = Character(Unicode.Scalar(byte(end))).hexDigitValue, value < radix { end += 1 }
        guard end > sign + 2 else { return nil }
        let isNegative = byte() == UInt8(ascii: "-")
        let text = take(end)
        return fitted(Int64((isNegative ? "-" : "") + text.dropFirst(sign + 2), radix: radix), text, at: location)
    }

    private mutating func fitted(_ number: Int64?, _ text: String, at location: SourceLocation) -> Token.Kind {
        if number == nil { log.error("\(text.shortened) does not fit 64 bits", at: location) }
        return .integer(number ?? 0)
    }

    private mutating func take(_ count: Int) -> String {
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    /// The text that the quote at `offset` begins. It ends with the same quote, in the same line.
    mutating func literal(at location: SourceLocation) -> String {
        let quote = byte()
        var text: [UInt8] = []
        offset += 1
        while true {
            guard offset < bytes.count, byte() != UInt8(ascii: "\n") else {
                let end = offset < bytes.count ? "line" : "file"
                log.error(
                    "this text has no end: expected \(Character(Unicode.Scalar(quote))) before the end of the \(end)",
                    at: location)
                break
            }
            defer { offset += 1 }
            if byte() == quote { break }
            guard byte() == UInt8(ascii: "\\") else {
                text.append(byte())
                continue
            }
            guard let escaped = Self.escapes[byte(1)] else {
                log.error("this text has an unknown escape: expected one of \\r \\n \\t \\\" \\' \\\\", at: location)
                continue
            }
            text.append(escaped)
            offset += 1
        }
        guard let valid = String(validating: text, as: UTF8.self) else {
            log.error("this text is not UTF-8", at: location)
            return ""
        }
        return valid
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "r"): UInt8(ascii: "\r"), UInt8(ascii: "n"): UInt8(ascii: "\n"),
        UInt8(ascii: "t"): UInt8(ascii: "\t"), UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    ]
}
