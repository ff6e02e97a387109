//! Writes commands as Redis' protocol carries them: arrays of bulk strings, one after the other in one buffer.

internal import NIOCore

struct CommandWriter {
    private(set) var bytes = ByteBuffer()
    /// Commands begun, each of which gets a reply.
    private(set) var count = 0
    /// Each command is preceded by `ASKING`, which is a command too: the node is to serve a slot that it is being
    /// given.
    var isAsking = false

    /// Begins a command of `words` words; as many have to follow.
    mutating func begin(words: Int) {
        if isAsking {
            bytes.writeStaticString("*1\r\n$6\r\nASKING\r\n")
            count += 1
        }
        count += 1
        header(UInt8(ascii: "*"), words)
    }

    /// A whole command of texts.
    mutating func command(_ words: String...) {
        begin(words: words.count)
        for text in words { word(text) }
    }

    mutating func word(_ text: String) {
        header(UInt8(ascii: "$"), text.utf8.count)
        bytes.writeString(text)
        end()
    }

    mutating func word(_ text: StaticString) {
        header(UInt8(ascii: "$"), text.utf8CodeUnitCount)
        bytes.writeStaticString(text)
        end()
    }

    mutating func word(_ binary: ByteBuffer) {
        header(UInt8(ascii: "$"), binary.readableBytes)
        bytes.writeImmutableBuffer(binary)
        end()
    }

    mutating func word(_ binary: RawSpan) {
        header(UInt8(ascii: "$"), binary.byteCount)
        bytes.writeBytes(binary)
        end()
    }

    mutating func word(_ number: Int64) { word(String(number)) }

    private mutating func end() { bytes.writeInteger(0x0d0a as UInt16) }

    private mutating func header(_ type: UInt8, _ number: Int) {
        bytes.writeInteger(type)
        // Almost every length has one or two digits.
        if number < 10 {
            bytes.writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number))
        } else if number < 100 {
            bytes.writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number / 10))
            bytes.writeInteger(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10))
        } else {
            bytes.writeString(String(number))
        }
        end()
    }
}
