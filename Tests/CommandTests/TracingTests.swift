//! Spans on their way from a real server to a collector.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Tracing {
        /// One request, head and body.
        private static func receiveRequest(_ connection: RawSocket) throws -> String {
            var text = ""
            while true {
                let bytes = try connection.receive()
                if bytes.isEmpty { throw TestFailure("the connection was closed after '\(text)'") }
                text += String(decoding: bytes, as: UTF8.self)
                guard let head = text.firstRange(of: "\r\n\r\n") else { continue }
                let field = text[..<head.lowerBound].lowercased().firstMatch(of: /content-length: ([0-9]+)/)
                let length = try #require(field.flatMap { Int($0.1) })
                if text[head.upperBound...].utf8.count >= length { return text }
            }
        }

        @Test("batches of spans are posted on one connection, also where the collector's answers have a body")
        func connection() throws {
            let collector = try RawSocket.listen()
            let arguments = [
                "--tracing-endpoint", "http://127.0.0.1:\(collector.port)/v1/traces", "--tracing-sample-ratio", "1",
            ]
            try RunningServer.with(arguments) { server throws in
                #expect(try server.run(["put", "key", "value"]).status == 0)
                let connection = try collector.socket.accept()
                for key in ["a", "b", "c"] {
                    let request = try Self.receiveRequest(connection)
                    #expect(request.hasPrefix("POST /v1/traces HTTP/1.1\r\n") && request.contains("resourceSpans"))
                    #expect(try server.run(["put", key, "value"]).status == 0)
                    let body = #"{"partialSuccess":{}}"#
                    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)"
                    try connection.send(Array("\(head)\r\n\r\n".utf8))
                    // As over a network: who leaves the body alone has left before it comes.
                    Thread.sleep(forTimeInterval: 0.1)
                    try connection.send(Array(body.utf8))
                }
                // The last one is not waited for.
                _ = try Self.receiveRequest(connection)
                try connection.send(Array("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".utf8))
            }
        }
    }
}
