//! The client commands, one struct each: call, print, exit status.

internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import NeedletailWire
internal import StorageAPI

struct Get: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the value of a key.")
    @Argument var key: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let answer = try await options.withClient {
            try await $0.get(GetRequest(key: ByteBuffer(argument: key)))
        }
        guard let value = answer.value else { throw ExitStatus.notFoundOrNotApplied("'\(key)' not found") }
        guard options.json else { return printLine(value.readableBytesView) }
        var line = JSONLine()
        line.set("key", key)
        line.set("value", bytes: value)
        line.set("version", answer.version)
        line.set("ttlMillis", answer.ttlMillis)
        try line.print()
    }
}

struct Put: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Store a value under a key.", aliases: ["set"])
    @Argument var key: String
    @Argument(help: "The value; - reads standard input.") var value: String
    @Option(help: "How long the entry lives: 30s, 1h.", transform: milliseconds) var ttl: Int64?
    @Flag(help: "Only if the key is missing.") var ifAbsent = false
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let bytes =
            value == "-"
            ? ByteBuffer(bytes: FileHandle.standardInput.readDataToEndOfFile()) : ByteBuffer(argument: value)
        let answer = try await options.withClient {
            try await $0.put(
                PutRequest(
                    key: ByteBuffer(argument: key), value: bytes, ttlMillis: ttl,
                    condition: ifAbsent ? .ifAbsent : nil))
        }
        if options.json {
            var line = JSONLine()
            line.set("applied", answer.applied)
            line.set("version", answer.version)
            try line.print()
        }
        guard answer.applied else { throw ExitStatus.notFoundOrNotApplied("'\(key)' is there already") }
    }
}

struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove a key.", aliases: ["del"])
    @Argument var key: String
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let answer = try await options.withClient {
            try await $0.remove(RemoveRequest(key: ByteBuffer(argument: key)))
        }
        if options.json {
            var line = JSONLine()
            line.set("removed", answer.removed)
            try line.print()
        }
        guard answer.removed else { throw ExitStatus.notFoundOrNotApplied("'\(key)' not found") }
    }
}

struct MultiGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "multi-get", abstract: "Print the values of several keys, a line each: key, tab, value.")
    @Argument var keys: [String]
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let failures = FailedParts()
        let answer = try await options.withClient(failures: failures) {
            try await $0.multiGet(MultiGetRequest(keys: BinaryList(strings: keys)))
        }
        guard answer.statuses.readableBytes == keys.count else {
            throw ExitStatus.failure("the server answered \(answer.statuses.readableBytes) of \(keys.count) keys")
        }
        // Of a server that is alone there is nothing to print but why.
        let isAnswered = options.servers != nil || failures.lines.isEmpty
        var allFound = true
        for (index, key) in keys.enumerated() where isAnswered {
            let (status, value) = (answer.status(at: index), answer.value(at: index))
            allFound = allFound && status == .found
            if options.json {
                var line = JSONLine()
                line.set("key", key)
                line.set("status", "\(status)")
                if let value { line.set("value", bytes: value) }
                try line.print()
            } else if let value {
                printLine((ByteBuffer(string: key + "\t") + value).readableBytesView)
            } else {
                printError("\(key)\t\(status)")
            }
        }
        if !failures.lines.isEmpty { throw ExitStatus.failure(failures.lines.joined(separator: "\nneedletail: ")) }
        if !allFound { throw ExitCode(ExitStatus.notFoundOrNotApplied.rawValue) }
    }
}

struct Increment: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Add to the number under a key and print the sum.")
    @Argument var key: String
    @Option(help: "What to add; may be negative: --by=-1.") var by: Int64 = 1
    @Option(help: "What to start from if the key is missing.") var initial: Int64?
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let answer = try await options.withClient {
            try await $0.increment(
                IncrementRequest(
                    key: ByteBuffer(argument: key), delta: by, initial: initial))
        }
        guard options.json else { return printLine("\(answer.value)") }
        var line = JSONLine()
        line.set("value", answer.value)
        line.set("version", answer.version)
        try line.print()
    }
}

struct Touch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Set how long a key lives.")
    @Argument var key: String
    @Option(help: "From now: 30s, 1h.", transform: milliseconds) var ttl: Int64
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let answer = try await options.withClient {
            try await $0.touch(
                TouchRequest(key: ByteBuffer(argument: key), ttlMillis: ttl))
        }
        if options.json {
            var line = JSONLine()
            line.set("found", answer.found)
            try line.print()
        }
        guard answer.found else { throw ExitStatus.notFoundOrNotApplied("'\(key)' not found") }
    }
}

struct Scan: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print all keys that begin with a prefix, with their values: key, tab, value.")
    @Option(help: "What the keys begin with; absent: all keys.") var prefix = ""
    @Option(help: "At most this many entries; absent: all.") var limit: Int?
    @Flag(help: "Leave values out.") var keysOnly = false
    @OptionGroup var options: ClientOptions

    private static let pageSize: Int32 = 1_000

    func run() async throws {
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); expected 1 or more") }
        try await options.withClient { client in
            var output = LineOutput()
            var remaining = limit ?? .max
            var cursor: ByteBuffer?
            repeat {
                let page = try await client.scan(
                    ScanRequest(
                        cursor: cursor, prefix: ByteBuffer(argument: prefix),
                        limit: min(Self.pageSize, Int32(clamping: remaining)), keysOnly: keysOnly))
                for entry in page.entries { try show(entry, in: &output) }
                // Whoever reads sees it while the next page is asked for, and who has left keeps it from being asked for.
                output.flush()
                remaining -= page.entries.count
                cursor = page.cursor
            } while cursor != nil && remaining > 0
        }
    }

    private func show(_ entry: ScannedEntry, in output: inout LineOutput) throws {
        if options.json {
            var line = JSONLine()
            line.set("key", bytes: entry.key)
            if let value = entry.value { line.set("value", bytes: value) }
            line.set("version", entry.version)
            output.add(try line.encoded())
        } else if let value = entry.value {
            output.add((entry.key + ByteBuffer(string: "\t") + value).readableBytesView)
        } else {
            output.add(entry.key.readableBytesView)
        }
    }
}

extension ByteBuffer {
    fileprivate static func + (left: ByteBuffer, right: ByteBuffer) -> ByteBuffer {
        var joined = left
        joined.writeImmutableBuffer(right)
        return joined
    }
}

struct Ping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ask whether the server serves.")
    @OptionGroup var options: ClientOptions

    func run() async throws {
        let answer = try await options.withClient { try await $0.ping() }
        printLine(options.json ? "{\"answer\":\"\(answer)\"}" : answer)
    }
}
