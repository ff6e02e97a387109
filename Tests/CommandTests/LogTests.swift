//! The log as a machine reads it.

internal import Foundation
internal import Testing

extension CommandTests {
    @Suite struct Log {
        @Test("with --log-format json every line is one JSON object, whatever clients do")
        func jsonLines() throws {
            let directory = try TemporaryDirectory()
            let server = try RunningServer(
                ["--unix-socket", directory.path("a \"b\" ü")], environment: ["NEEDLETAIL_UNKNOWN_NAME": "1"])
            let browser = try RawSocket.connect(port: server.port)
            try browser.send(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            // Closed with unread bytes: the end or a reset, both are fine here.
            _ = try? browser.receiveToEnd()
            try server.waitForLog("HTTP")
            #expect(try server.run(["ping"]).status == 0)
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let lines = try server.completeLog()
            #expect(lines.count >= 5)
            for line in lines {
                let fields = try JSONValue.object(line)
                for name in ["time", "level", "logger", "message"] {
                    #expect(fields[name]?.string?.isEmpty == false, "\(name) in \(line)")
                }
                let time = fields["time"]?.string ?? ""
                #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            }
        }

        @Test("the ready line names ports, host and engine, once")
        func readyLine() throws {
            let server = try RunningServer()
            server.send(SIGTERM)
            #expect(try server.wait() == 0)
            let ready = try server.completeLog().map(JSONValue.object).filter { $0["message"] == .string("ready") }
            #expect(ready.count == 1)
            #expect(ready.first?["rpcPort"] == .integer(server.port))
            #expect(ready.first?["adminPort"] == .integer(server.adminPort))
            #expect(ready.first?["host"] == .string("127.0.0.1"))
            #expect(ready.first?["engine"] == .string("memory"))
        }
    }
}
