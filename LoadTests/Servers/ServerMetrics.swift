//! Needletail's own counters, asked over its admin port with the least HTTP there is.

enum ServerMetrics {
    /// A metric without labels, as `/metrics` says it; nil if it does not.
    static func value(_ name: String, adminPort: Int) throws -> Double? {
        let socket = try Socket.connect(to: .loopback(adminPort))
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: 5)
        let queue = ByteQueue(capacity: 65_536)
        let request = Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        queue.append(request.span)
        guard try queue.send(to: socket) else { return nil }
        while let count = try queue.receive(from: socket, room: 65_536), count > 0 {}
        let answer = queue.withBytes { String(decoding: $0.array(0..<$0.count), as: UTF8.self) }
        for line in answer.split(whereSeparator: \.isNewline) where line.hasPrefix(name + " ") {
            return Double(line.dropFirst(name.count + 1))
        }
        return nil
    }
}
