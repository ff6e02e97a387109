//! Log lines on standard error: JSON for machines, text for people.

package import Logging
internal import SystemPackage
internal import Timing

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

package enum LogOutput {
    /// Installs the handler that `logging.format` asks for and returns the server's logger.
    package static func start(_ configuration: ServerConfiguration.Logging) -> Logger {
        let isText = configuration.format.resolved(isTerminal: isatty(STDERR_FILENO) == 1) == .text
        LoggingSystem.bootstrap { label in
            var handler = LineLogHandler(label: label, isJSON: !isText)
            handler.logLevel = configuration.level
            return handler
        }
        return Logger(label: "needletail")
    }

    /// The same, for libraries: warnings and worse.
    package static func quiet(_ logger: Logger) -> Logger {
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        return quiet
    }
}

/// Writes each message as one line with one `write`, so that lines of several threads do not mix.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info
    private let label: String
    private let isJSON: Bool

    init(label: String, isJSON: Bool) {
        self.label = label
        self.isJSON = isJSON
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = line(event.level, "\(event.message)", all)
        _ = try? FileDescriptor.standardError.writeAll(line.utf8)
    }

    func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
        let time = Self.timestamp(Clock.system.wallNow().milliseconds)
        let pairs = metadata.sorted { $0.key < $1.key }
        guard isJSON else {
            let tail = pairs.map { " \($0.key)=\($0.value)" }.joined()
            return "\(time) \(level.rawValue.uppercased()) \(message)\(tail)\n"
        }
        var line = "{\"time\":\"\(time)\",\"level\":\"\(level.rawValue)\",\"logger\":\(Self.quoted(label))"
        line += ",\"message\":\(Self.quoted(message))"
        for (key, value) in pairs { line += ",\(Self.quoted(key)):\(Self.json(value))" }
        return line + "}\n"
    }

    private static func json(_ value: Logger.Metadata.Value) -> String {
        switch value {
        case .string(let text): return quoted(text)
        case .stringConvertible(let value):
            // Numbers and truths stay what they are.
            if value is any BinaryInteger || value is Bool { return "\(value)" }
            return quoted("\(value)")
        case .array(let values): return "[" + values.map(json).joined(separator: ",") + "]"
        case .dictionary(let values):
            let pairs = values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(json($0.value))" }
            return "{" + pairs.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case "\u{0}"..."\u{1f}":
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    /// ISO 8601 in UTC with milliseconds.
    private static func timestamp(_ milliseconds: Int64) -> String {
        var seconds = time_t(milliseconds / 1_000)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        let numbers = unsafe [
            parts.tm_year + 1_900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
        ].map { padded(Int($0), 2) }
        let date = numbers[..<3].joined(separator: "-")
        let time = numbers[3...].joined(separator: ":")
        return "\(date)T\(time).\(padded(Int(milliseconds % 1_000), 3))Z"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
