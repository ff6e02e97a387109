//! Needletail's admin port, asked with the least HTTP there is.

internal import Foundation

enum AdminPort {
    struct Answer: Hashable {
        /// 200, 404 ...
        var status: Int
        var body: String

        /// nil for bytes that are no answer.
        init?(_ text: String) {
            guard let head = text.range(of: "\r\n\r\n"), text.hasPrefix("HTTP/1.1 "),
                let status = Int(text.dropFirst("HTTP/1.1 ".count).prefix { $0.isNumber })
            else { return nil }
            self.status = status
            body = String(text[head.upperBound...])
        }
    }

    private static let answerSecondsMax = 5
    private static let receiveSize = 65_536

    /// One request on a connection of its own.
    /// - Throws: `ServerError` if no answer comes.
    static func ask(_ method: String, _ path: String, port: Int) throws -> Answer {
        let socket = try Socket.connect(to: .loopback(port))
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: answerSecondsMax)
        let queue = ByteQueue(capacity: receiveSize)
        let request =
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        queue.append(Array(request.utf8).span)
        guard try queue.send(to: socket) else { throw ServerError("the admin port took no request") }
        while let count = try queue.receive(from: socket, room: receiveSize), count > 0 {}
        let text = queue.withBytes { String(decoding: $0.array(0..<$0.count), as: UTF8.self) }
        guard let answer = Answer(text) else { throw ServerError("no answer to \(method) \(path): \(text)") }
        return answer
    }
}

/// Counters by their names in Prometheus' text.
enum ServerMetrics {
    /// A metric without labels, as `/metrics` says it; nil if it does not.
    static func value(_ name: String, adminPort: Int) throws -> Double? {
        let answer = try AdminPort.ask("GET", "/metrics", port: adminPort)
        for line in answer.body.split(whereSeparator: \.isNewline) where line.hasPrefix(name + " ") {
            return Double(line.dropFirst(name.count + 1))
        }
        return nil
    }
}
