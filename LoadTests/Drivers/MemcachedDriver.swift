//! memcached's text protocol: `get` with one or many keys, `set` and `delete`. Keys that are missing are left out of an answer,
//! so they are counted as what was asked for and did not come.

struct MemcachedDriver: LoadDriver {
    static let answersCarryIDs = false

    private let shape: CallShape
    /// No key is shorter.
    private let keySizeMin: Int
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        self.shape = shape
        keySizeMin = keys.keySizeMin
        let key = RequestTemplate.sampleKey(keys)
        let sample: [UInt8]
        switch shape.operation {
        case .get, .multiGet:
            let space = [UInt8(ascii: " ")]
            sample =
                Array("get".utf8) + Array(repeating: space + key, count: shape.keysPerCall).joined()
                + Array("\r\n".utf8)
        case .put:
            sample =
                Array("set ".utf8) + key + Array(" 0 0 \(keys.valueSize)\r\n".utf8)
                + RequestTemplate.sampleValue(keys) + Array("\r\n".utf8)
        case .remove: sample = Array("delete ".utf8) + key + Array("\r\n".utf8)
        case .multiPut: preconditionFailure("memcached is loaded with set")
        case .getDataByRange: preconditionFailure("memcached has no histories")
        }
        template = RequestTemplate(sample: sample, shape, keys, hasID: false)
    }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        while true {
            let start = scan.offset
            guard start < bytes.count else { return false }
            guard bytes[start] == UInt8(ascii: "V") else { return try readLastLine(bytes, &scan) }
            // VALUE, the key, flags, and the value's length.
            guard let flags = passWord(bytes, from: start &+ 6 &+ keySizeMin),
                var offset = passWord(bytes, from: flags)
            else { return false }
            var size = 0
            while offset < bytes.count, bytes[offset] != UInt8(ascii: "\r") {
                let digit = bytes[offset] &- UInt8(ascii: "0")
                guard digit <= 9 else { throw MalformedAnswer(expected: "the length of a value") }
                size = size &* 10 &+ Int(digit)
                offset &+= 1
            }
            let end = offset &+ 2 &+ size &+ 2
            guard offset < bytes.count, end <= bytes.count else { return false }
            scan.found &+= 1
            scan.offset = end
        }
    }

    /// The line that is not a value's: END, STORED, or what went wrong.
    private func readLastLine(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        let start = scan.offset
        var end = start &+ 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end &+= 1 }
        guard end < bytes.count else { return false }
        scan.offset = end &+ 1
        switch (bytes[start], bytes[start &+ 1], shape.operation) {
        case (UInt8(ascii: "E"), UInt8(ascii: "N"), .get), (UInt8(ascii: "E"), UInt8(ascii: "N"), .multiGet):
            scan.missing = shape.keysPerCall &- scan.found
        case (UInt8(ascii: "S"), UInt8(ascii: "T"), .put), (UInt8(ascii: "D"), UInt8(ascii: "E"), .remove):
            scan.found = 1
        case (UInt8(ascii: "N"), UInt8(ascii: "O"), .remove): scan.missing = 1
        default:
            scan.isError = true
            scan.found = 0
            scan.failed = shape.keysPerCall
        }
        return true
    }

    /// The offset behind the next space.
    @inline(__always)
    private func passWord(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var offset = start
        while offset < bytes.count {
            offset &+= 1
            if bytes[offset &- 1] == UInt8(ascii: " ") { return offset }
        }
        return nil
    }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer {
        var rest = answer[...]
        var decoded = DecodedAnswer()
        var names: [[UInt8]] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex {
            let line = rest[..<(end - 1)]
            rest = rest[(end + 1)...]
            let words = line.split(separator: UInt8(ascii: " "))
            switch (words.first.map(Array.init) ?? [], shape.operation.reads) {
            case (Array("VALUE".utf8), true):
                guard words.count >= 4, let size = Int(String(decoding: words[3], as: UTF8.self)),
                    rest.count >= size + 2
                else { throw MalformedAnswer(expected: "VALUE, key, flags, length") }
                names.append(Array(words[1]))
                decoded.values.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size + 2)
            case (Array("END".utf8), true):
                decoded.keys = names
                return decoded
            case (Array("STORED".utf8), false), (Array("DELETED".utf8), false): return decoded
            case (Array("NOT_FOUND".utf8), false) where shape.mayMiss: return decoded
            default: throw WrongAnswer(text(line))
            }
        }
        throw MalformedAnswer(expected: "END, STORED or DELETED")
    }
}
