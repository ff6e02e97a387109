//! Writes a header before a message whose length is not known yet: the message is written behind it, in place, and the
//! lengths are patched when it is done.

/// The entries of a header that is written.
package struct ThriftHeaderInfo: Sendable {
    /// A string key and its value.
    package struct Pair: Sendable, Hashable {
        package var key: String
        package var value: String

        package init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// An integer key and its value (TTHeader only).
    package struct NumberedPair: Sendable, Hashable {
        package var key: UInt16
        package var value: String

        package init(_ key: UInt16, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    package var strings: [Pair]
    package var integers: [NumberedPair]
    /// TTHeader only.
    package var token: String?

    package init(strings: [Pair] = [], integers: [NumberedPair] = [], token: String? = nil) {
        self.strings = strings
        self.integers = integers
        self.token = token
    }

    /// As most answers are.
    var isEmpty: Bool { strings.isEmpty && integers.isEmpty && token == nil }

    /// The longest key or value in bytes: TTHeader has 16 bits for it.
    static let textSizeMax = 0xffff

    /// This without the entries for which a header has no room. String keys give way to integer keys, and later ones to
    /// earlier ones.
    func fitting(_ kind: ThriftHeader.Kind) -> ThriftHeaderInfo {
        // A group's id and count, thrice, and what stands before them.
        var room = kind.wordsMax * 4 - 32
        var count = ThriftHeader.entryCountMax
        func takes(_ sizes: Int...) -> Bool {
            let size = sizes.reduce(0) { $0 + $1 + 4 }
            guard size <= room, count > 0, sizes.allSatisfy({ $0 <= Self.textSizeMax }) else { return false }
            room -= size
            count -= 1
            return true
        }
        var info = ThriftHeaderInfo()
        if kind == .ttheader {
            if let token, takes(token.utf8.count) { info.token = token }
            info.integers = integers.filter { takes($0.value.utf8.count) }
        }
        info.strings = strings.filter { takes($0.key.utf8.count, $0.value.utf8.count) }
        return info
    }
}

extension ByteWriter {
    /// A header whose message is being written.
    package struct HeaderMark: BitwiseCopyable {
        let frame: Mark
        let frameStart: Int
        /// Of the message's own length.
        let message: Mark?
        let messageStart: Int
    }

    /// Writes the header of a message; the message is written next, then `end` is called.
    package mutating func begin(
        _ header: ThriftHeader, _ info: ThriftHeaderInfo = ThriftHeaderInfo()
    ) -> HeaderMark {
        let frame = mark
        store(0 as UInt32)
        let frameStart = byteCount
        store(header.kind.magic.bigEndian)
        store(header.flags.bigEndian)
        store(header.sequenceID.bigEndian)
        let words = mark
        store(0 as UInt16)
        let start = byteCount
        store(header.encoding.number(header.kind))
        store(header.isCompressed ? 1 as UInt8 : 0)
        if header.isCompressed { store(UInt8(truncatingIfNeeded: ThriftHeader.zlibTransform)) }
        if !info.isEmpty { store(info.fitting(header.kind), header.kind) }
        while (byteCount - start) % 4 != 0 { store(0 as UInt8) }
        patch(at: words, bigEndian16: UInt16(truncatingIfNeeded: (byteCount - start) / 4))
        guard header.isFramedInside else {
            return HeaderMark(frame: frame, frameStart: frameStart, message: nil, messageStart: byteCount)
        }
        let message = mark
        store(0 as UInt32)
        return HeaderMark(frame: frame, frameStart: frameStart, message: message, messageStart: byteCount)
    }

    /// Ends the message that was begun with `header`: fills in its lengths.
    package mutating func end(_ header: HeaderMark) {
        patch(at: header.frame, bigEndian: UInt32(truncatingIfNeeded: byteCount - header.frameStart))
        if let message = header.message {
            patch(at: message, bigEndian: UInt32(truncatingIfNeeded: byteCount - header.messageStart))
        }
    }

    private mutating func store(_ info: ThriftHeaderInfo, _ kind: ThriftHeader.Kind) {
        if !info.strings.isEmpty {
            store(ThriftHeader.Info.strings)
            storeNumber(info.strings.count, kind)
            for pair in info.strings {
                store(text: pair.key, kind)
                store(text: pair.value, kind)
            }
        }
        if !info.integers.isEmpty {
            store(ThriftHeader.Info.integers)
            storeNumber(info.integers.count, kind)
            for pair in info.integers {
                store(pair.key.bigEndian)
                store(text: pair.value, kind)
            }
        }
        if let token = info.token {
            store(ThriftHeader.Info.token)
            store(text: token, kind)
        }
    }

    private mutating func store(text: String, _ kind: ThriftHeader.Kind) {
        storeNumber(text.utf8.count, kind)
        store(unsafe text.utf8Span.span.bytes)
    }

    /// A count or a length.
    private mutating func storeNumber(_ number: Int, _ kind: ThriftHeader.Kind) {
        switch kind {
        case .theader: storeVarint(UInt64(number))
        case .ttheader: store(UInt16(truncatingIfNeeded: number).bigEndian)
        }
    }
}
