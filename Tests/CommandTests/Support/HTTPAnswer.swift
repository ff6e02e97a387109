//! HTTP by hand: one request, one answer, the connection closed.

internal import Foundation

struct HTTPAnswer: Sendable {
    let status: Int
    /// Names in lower case.
    let headers: [String: String]
    let body: String

    static func get(_ path: String, port: Int) throws -> HTTPAnswer { try call("GET", path, port: port) }

    static func head(_ path: String, port: Int) throws -> HTTPAnswer { try call("HEAD", path, port: port) }

    /// Without a body.
    static func post(_ path: String, port: Int) throws -> HTTPAnswer {
        try call("POST", path, "Content-Length: 0\r\n", port: port)
    }

    private static func call(
        _ method: String, _ path: String, _ headers: String = "", port: Int
    ) throws -> HTTPAnswer {
        let socket = try RawSocket.connect(port: port)
        try socket.send(
            Array("\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n\(headers)Connection: close\r\n\r\n".utf8))
        return try HTTPAnswer(String(decoding: socket.receiveToEnd(), as: UTF8.self), isOfHead: method == "HEAD")
    }

    private init(_ text: String, isOfHead: Bool) throws {
        guard let end = text.range(of: "\r\n\r\n") else { throw TestFailure("no HTTP answer: \(text)") }
        var lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count >= 2, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
            throw TestFailure("no HTTP status: \(text)")
        }
        self.status = status
        headers = try lines.reduce(into: [:]) { headers, line in
            guard let colon = line.firstIndex(of: ":") else { throw TestFailure("no HTTP header: \(line)") }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
                in: .whitespaces)
        }
        let rest = text[end.upperBound...]
        if headers["transfer-encoding"] == "chunked" {
            body = try Self.joined(chunks: Array(rest.utf8)[...])
            return
        }
        body = String(rest)
        // Of HEAD the length is that of the body which GET would have.
        guard isOfHead ? body.isEmpty : headers["content-length"] == "\(body.utf8.count)" else {
            throw TestFailure("the body has \(body.utf8.count) bytes: \(headers)")
        }
    }

    /// What chunks carry: each has its length before it, in hexadecimal digits; the last is empty.
    private static func joined(chunks: ArraySlice<UInt8>) throws -> String {
        var (rest, body) = (chunks, [UInt8]())
        while let lineEnd = rest.firstIndex(of: UInt8(ascii: "\r")),
            let length = Int(String(decoding: rest[..<lineEnd], as: UTF8.self), radix: 16)
        {
            if length == 0 { return String(decoding: body, as: UTF8.self) }
            let chunk = rest.dropFirst(lineEnd - rest.startIndex + 2)
            guard chunk.count >= length + 2 else { break }
            body += chunk.prefix(length)
            rest = chunk.dropFirst(length + 2)
        }
        throw TestFailure("chunks without an end: \(String(decoding: chunks, as: UTF8.self))")
    }
}
