//! Redis' protocol, RESP2, as Redis, Valkey and others speak it: GET, MGET, SET and DEL, pipelined.

struct RESPDriver: LoadDriver {
    static let answersCarryIDs = false

    private let shape: CallShape
    let template: RequestTemplate

    init(_ shape: CallShape, _ keys: KeySpace) {
        self.shape = shape
        let key = RequestTemplate.sampleKey(keys)
        let words: [[UInt8]] =
            switch shape.operation {
            case .get: [Array("GET".utf8), key]
            case .multiGet: [Array("MGET".utf8)] + Array(repeating: key, count: shape.keysPerCall)
            case .put: [Array("SET".utf8), key, RequestTemplate.sampleValue(keys)]
            case .remove: [Array("DEL".utf8), key]
            case .multiPut: preconditionFailure("Redis is loaded with SET")
            case .getDataByRange: preconditionFailure("Redis has no histories")
            }
        let sample = words.reduce(Array("*\(words.count)\r\n".utf8)) {
            $0 + Array("$\($1.count)\r\n".utf8) + $1 + Array("\r\n".utf8)
        }
        template = RequestTemplate(sample: sample, shape, keys, hasID: false)
    }

    func scan(_ bytes: Span<UInt8>, _ scan: inout AnswerScan) throws(MalformedAnswer) -> Bool {
        guard !bytes.isEmpty else { return false }
        if scan.phase == 0 {
            switch bytes[0] {
            case UInt8(ascii: "-"):
                guard let end = lineEnd(bytes, from: 1) else { return false }
                scan.isError = true
                scan.failed = shape.keysPerCall
                scan.offset = end
                return true
            case UInt8(ascii: "+"):
                guard let end = lineEnd(bytes, from: 1) else { return false }
                if shape.operation == .put { scan.found = 1 } else { scan.failed = shape.keysPerCall }
                scan.offset = end
                return true
            case UInt8(ascii: ":"):
                guard let (count, end) = try number(bytes, at: 1) else { return false }
                scan.found = count
                scan.missing = shape.keysPerCall &- count
                scan.offset = end
                return true
            case UInt8(ascii: "*"):
                guard let (count, end) = try number(bytes, at: 1) else { return false }
                scan.elementsLeft = count
                scan.offset = end
            default: scan.elementsLeft = 1
            }
            scan.phase = 1
        }
        while scan.elementsLeft > 0 {
            let start = scan.offset
            guard start < bytes.count else { return false }
            guard bytes[start] == UInt8(ascii: "$") else { throw MalformedAnswer(expected: "a bulk string") }
            guard let (size, content) = try number(bytes, at: start &+ 1) else { return false }
            if size < 0 {
                scan.missing &+= 1
                scan.offset = content
            } else {
                guard content &+ size &+ 2 <= bytes.count else { return false }
                scan.found &+= 1
                scan.offset = content &+ size &+ 2
            }
            scan.elementsLeft &-= 1
        }
        return true
    }

    func decode(_ answer: [UInt8]) throws -> DecodedAnswer {
        var rest = answer[...]
        func line() throws -> String {
            guard let end = rest.firstIndex(of: UInt8(ascii: "\n")), end > rest.startIndex else {
                throw MalformedAnswer(expected: "a line")
            }
            defer { rest = rest[(end + 1)...] }
            return String(decoding: rest[..<(end - 1)], as: UTF8.self)
        }
        func bulk() throws -> [UInt8]? {
            let head = try line()
            guard head.first == "$", let size = Int(head.dropFirst()) else { throw WrongAnswer(head) }
            guard size >= 0 else { return nil }
            guard rest.count >= size + 2 else { throw MalformedAnswer(expected: "\(size) bytes") }
            defer { rest = rest.dropFirst(size + 2) }
            return Array(rest.prefix(size))
        }
        switch shape.operation {
        case .get: return DecodedAnswer(values: [try bulk()])
        case .multiGet:
            let head = try line()
            guard head.first == "*", let count = Int(head.dropFirst()) else { throw WrongAnswer(head) }
            return DecodedAnswer(values: try (0..<count).map { _ in try bulk() })
        case .put, .multiPut:
            let status = try line()
            guard status == "+OK" else { throw WrongAnswer(status) }
            return DecodedAnswer()
        case .remove:
            let status = try line()
            guard status == ":1" || status == ":0" && shape.mayMiss else { throw WrongAnswer(status) }
            return DecodedAnswer()
        case .getDataByRange: preconditionFailure("Redis has no histories")
        }
    }

    /// The offset behind the line's end.
    private func lineEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var offset = start &+ 1
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "\n") { return offset &+ 1 }
            offset &+= 1
        }
        return nil
    }

    /// A decimal number and the offset behind its line's end.
    @inline(__always)
    private func number(_ bytes: Span<UInt8>, at start: Int) throws(MalformedAnswer) -> (value: Int, end: Int)? {
        var offset = start
        var value = 0
        var isNegative = false
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value &* 10 &+ Int(byte &- UInt8(ascii: "0"))
            case UInt8(ascii: "-") where offset == start: isNegative = true
            case UInt8(ascii: "\r"):
                return offset &+ 2 <= bytes.count ? (isNegative ? -value : value, offset &+ 2) : nil
            default: throw MalformedAnswer(expected: "a number")
            }
            offset &+= 1
        }
        return nil
    }
}
