//! The routes below `/debug`. Answers are JSON for people: indented, keys sorted.

internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import NeedletailProfiler
internal import NeedletailRPC
internal import NeedletailThreads

extension DebugSource {
    private static let listing = """
        /debug/options      the configuration, and where each value came from
        /debug/connections  open connections, event loop by event loop
        /debug/calls        calls that were begun and will be answered later
        /debug/pools        buffers of the event loops
        /debug/shards       the store, shard by shard
        /debug/heap         memory: the allocator's account, the store, the pools
        /debug/threads      what every thread is doing
        /debug/profile      where CPU time goes: ?seconds=5&hz=99&format=svg (or folded)

        """

    func addRoutes(to router: Router<BasicRequestContext>) {
        router.get("/debug") { _, _ in AdminServer.text(Self.listing) }
        router.get("/debug/options") { _, _ in try Self.json(optionReports()) }
        router.get("/debug/connections") { _, _ in try Self.json(await rpc.inspectConnections()) }
        router.get("/debug/calls") { _, _ in try Self.json(await rpc.inspectCalls()) }
        router.get("/debug/pools") { _, _ in try Self.json(await rpc.inspectPools()) }
        router.get("/debug/shards") { _, _ in try Self.json(shards()) }
        router.get("/debug/heap") { _, _ in try await Self.answer { try Self.json(await heap()) } }
        router.get("/debug/threads") { _, _ in
            try await Self.answer { AdminServer.text(try await threads { Self.text($0) }) }
        }
        router.get("/debug/profile") { request, _ in
            let query: ProfileQuery
            do throws(ProfileQuery.Refused) {
                query = try ProfileQuery { request.uri.queryParameters.get($0) }
            } catch {
                return AdminServer.text("\(error.reason)\n", status: .badRequest)
            }
            let hasLeft = Flag()
            return try await request.body.consumeWithInboundCloseHandler { _ in
                try await Self.answer { try await response(query, isStopping: hasLeft) }
            } onInboundClosed: {
                // Nobody waits any more.
                _ = hasLeft.raise()
            }
        }
    }

    private func response(_ query: ProfileQuery, isStopping: Flag) async throws -> Response {
        let text = try await profile(seconds: query.seconds, hertz: query.hertz, isStopping: isStopping) {
            query.text(of: $0)
        }
        return AdminServer.text(text, contentType: query.format.contentType)
    }

    /// What is refused as what it is.
    private static func answer(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch let error as ProfilerError {
            return AdminServer.text("\(error)\n", status: error == .busy ? .tooManyRequests : .notImplemented)
        } catch let error as DedicatedThread.Unavailable {
            return AdminServer.text("\(error)\n", status: .serviceUnavailable)
        }
    }

    private static func text(_ threads: [ThreadStack]) -> String {
        threads.map { thread in
            let frames = thread.frames ?? ["(did not answer: in the kernel, or it blocks signals)"]
            return "\(thread.name) (\(thread.id))\n" + frames.map { "    \($0)\n" }.joined()
        }.joined(separator: "\n")
    }

    private static func json(_ value: some Encodable) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return AdminServer.text(
            String(decoding: try encoder.encode(value), as: UTF8.self) + "\n",
            contentType: "application/json; charset=utf-8")
    }
}

/// What a profile was asked for.
struct ProfileQuery: Sendable, Hashable {
    enum Format: String, Sendable {
        case folded
        case svg

        var contentType: String {
            switch self {
            case .folded: "text/plain; charset=utf-8"
            case .svg: "image/svg+xml; charset=utf-8"
            }
        }
    }

    /// A parameter that is wrong.
    struct Refused: Error {
        let reason: String
    }

    static let secondsDefault = 5

    let seconds: Int
    let hertz: Int
    let format: Format

    /// - Parameter value: the text of a parameter; nil: it was not given.
    init(_ value: (String) -> String?) throws(Refused) {
        seconds = try Self.number("seconds", value, StackSampler.secondsRange, Self.secondsDefault)
        hertz = try Self.number("hz", value, StackSampler.hertzRange, StackSampler.hertzDefault)
        let name = value("format") ?? Format.svg.rawValue
        guard let format = Format(rawValue: name) else {
            throw Refused(reason: "format is svg or folded, not '\(name)'")
        }
        self.format = format
    }

    /// The answer; a profile of many stacks takes some time to write.
    func text(of profile: StackProfile) -> String {
        switch format {
        case .folded: profile.folded
        case .svg:
            FlameGraph.svg(
                profile, title: "Needletail: CPU time within \(seconds) s, \(hertz) samples for each second of it")
        }
    }

    private static func number(
        _ name: String, _ value: (String) -> String?, _ range: ClosedRange<Int>, _ defaultValue: Int
    ) throws(Refused) -> Int {
        guard let text = value(name) else { return defaultValue }
        guard let number = Int(text), range.contains(number) else {
            throw Refused(
                reason: "\(name) is a whole number of \(range.lowerBound)...\(range.upperBound), not '\(text)'")
        }
        return number
    }
}
