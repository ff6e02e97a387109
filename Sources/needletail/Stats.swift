internal import ArgumentParser
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailTLS
internal import StorageServer

/// `needletail stats`: the figures of the admin port.
struct Stats: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the server's figures.")

    @Option(help: "The server's host.") var host = "127.0.0.1"
    @Option(help: "The server's admin port.", transform: portNumber) var adminPort: Int = 7401
    @Option(help: "How long to wait for the answer.", transform: milliseconds) var timeout: Int64 = 10_000
    @Flag(help: "Print JSON, as the server answers it.") var json = false
    @OptionGroup(title: "TLS options") var tls: TLSOptions

    private static let answerBytesMax = 1 << 20

    func run() async throws {
        let body = try await fetch()
        if json { return printLine(body.readableBytesView) }
        guard let report = try? JSONDecoder().decode(ServerReport.self, from: Data(body.readableBytesView)) else {
            throw ExitStatus.failure("what \(host):\(adminPort) answers are no figures of needletail")
        }
        show(report)
    }

    private func fetch() async throws -> ByteBuffer {
        var configuration = HTTPClient.Configuration()
        let security = try tls.security()
        configuration.tlsConfiguration = security?.configuration
        // The name in the address is the one that the server's certificate has to prove.
        let name = tls.serverName ?? host
        if name != host { configuration.dnsOverride = [name: host] }
        // An IPv6 address stands in brackets there.
        let place = name.contains(":") && !name.hasPrefix("[") ? "[\(name)]" : name
        // A server that is not there is said at once, not after all the time that there is.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result<ByteBuffer, any Error>
        do {
            let response = try await client.execute(
                HTTPClientRequest(url: "\(security == nil ? "http" : "https")://\(place):\(adminPort)/stats"),
                timeout: .milliseconds(timeout))
            result = .success(try await response.body.collect(upTo: Self.answerBytesMax))
        } catch {
            let reason =
                switch security?.failure(error) ?? .unrelated {
                case .handshake(let reason), .broken(let reason): "TLS failed: \(reason)"
                case .unannouncedEnd, .unrelated: plainReason(of: error)
                }
            result = .failure(ExitStatus.failure("cannot ask \(host):\(adminPort): \(reason)"))
        }
        try? await client.shutdown()
        return try result.get()
    }

    private func show(_ report: ServerReport) {
        func row(_ name: String, _ value: String) {
            printLine(name.padding(toLength: 20, withPad: " ", startingAt: 0) + value)
        }
        func size(_ bytes: Int) -> String { String(format: "%.1f MiB", Double(bytes) / 1_048_576) }
        row("build", report.build)
        row("state", report.ready ? "ready" : "not ready")
        row("uptime", String(format: "%.0f s", report.uptimeSeconds))
        row("event loops", "\(report.eventLoops)")
        row("connections", "\(report.connections)")
        row("engine", "\(report.engine.kind), durability \(report.durability)")
        row("keys", "\(report.engine.keys)")
        row("memory of entries", size(report.engine.entryBytes))
        row("memory of table", size(report.engine.tableBytes))
        row("memory limit", report.engine.memoryLimitBytes == 0 ? "none" : size(report.engine.memoryLimitBytes))
        row("expired, evicted", "\(report.engine.expiredKeys), \(report.engine.evictedKeys)")
        row("resident memory", report.process.residentBytes.map(size) ?? "unknown")
        row("CPU time", String(format: "%.1f s", report.process.cpuSeconds))
        for alert in report.alerts where alert.state == "firing" {
            row("alert", "\(alert.name): \(alert.summary)")
        }
        for method in report.methods where method.requests > 0 {
            row(
                "calls of \(method.method)",
                String(
                    format: "%llu, p50 %.1f us, p99 %.1f us, p99.9 %.1f us", method.requests, method.p50Micros,
                    method.p99Micros, method.p999Micros))
        }
    }
}
