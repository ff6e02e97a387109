//! What the generated `validate()` asks of text and bytes. Everything looks at bytes where they lie, whether they are
//! owned or lent by a message, and allocates nothing; only a pattern needs its text as a `String`.

public import NIOCore

/// The rules of the IDL (`vt.` annotations) for strings and binaries.
public enum ValidationRule {
    @inlinable
    @_lifetime(borrow text)
    public static func bytes(_ text: borrowing String) -> RawSpan { unsafe text.utf8Span.span.bytes }

    @inlinable
    @_lifetime(copy text)
    public static func bytes(_ text: UTF8Span) -> RawSpan { unsafe text.span.bytes }

    @inlinable
    @_lifetime(borrow buffer)
    public static func bytes(_ buffer: borrowing ByteBuffer) -> RawSpan { buffer.readableBytesSpan }

    @inlinable
    @_lifetime(copy bytes)
    public static func bytes(_ bytes: RawSpan) -> RawSpan { bytes }

    /// Whether `bytes` are `text`'s.
    public static func isEqual(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        bytes.byteCount == text.utf8CodeUnitCount && holds(bytes, text, at: 0)
    }

    public static func hasPrefix(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        bytes.byteCount >= text.utf8CodeUnitCount && holds(bytes, text, at: 0)
    }

    public static func hasSuffix(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        let start = bytes.byteCount - text.utf8CodeUnitCount
        return start >= 0 && holds(bytes, text, at: start)
    }

    public static func contains(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        let last = bytes.byteCount - text.utf8CodeUnitCount
        return last >= 0 && (0...last).contains { holds(bytes, text, at: $0) }
    }

    /// Whether `bytes` are those of one of `texts`.
    public static func isListed(_ bytes: RawSpan, in texts: [StaticString]) -> Bool {
        texts.contains { isEqual(bytes, $0) }
    }

    /// Characters as Go counts runes: Unicode scalars.
    public static func runeCount(_ bytes: RawSpan) -> Int {
        var count = 0
        for index in bytes.byteOffsets
        where unsafe bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self) & 0xc0 != 0x80 {
            count += 1
        }
        return count
    }

    private static func holds(_ bytes: RawSpan, _ text: StaticString, at start: Int) -> Bool {
        text.withUTF8Buffer { text in
            for index in text.indices
            where unsafe bytes.unsafeLoad(fromByteOffset: start &+ index, as: UInt8.self) != text[index] {
                return false
            }
            return true
        }
    }
}

/// A `vt.pattern`: Go's syntax as far as Swift's agrees, found anywhere unless anchored, character classes of ASCII.
public struct ValidationPattern: Sendable {
    // Compiled once, and read only: nothing in a pattern that is made from text can change.
    private nonisolated(unsafe) let regex: Regex<AnyRegexOutput>

    /// - Parameter pattern: one that Swift can read; the compiler of the IDL has seen to that.
    public init(_ pattern: StaticString) {
        guard let regex = try? Regex(pattern.description) else {
            preconditionFailure("a pattern that the IDL's compiler has read is none")
        }
        unsafe self.regex = regex.matchingSemantics(.unicodeScalar).asciiOnlyCharacterClasses()
    }

    /// Whether the pattern is found in the bytes as text; what is not UTF-8 in them counts as U+FFFD.
    public func isFound(in bytes: RawSpan) -> Bool {
        let text = unsafe bytes.withUnsafeBytes { bytes in unsafe String(decoding: bytes, as: UTF8.self) }
        return unsafe text.firstMatch(of: regex) != nil
    }
}
