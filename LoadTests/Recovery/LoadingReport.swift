//! What a server's own log says of how long it took to load what it had persisted.

internal import Foundation

enum LoadingReport {
    /// What Redis says once, after the last of its append-only files.
    private static let redisPhrase = "DB loaded from append only file: "
    /// What the message of Needletail's line contains.
    private static let needletailWord = "recovered"

    /// Seconds of loading alone; nil where the log does not say (yet).
    static func seconds(_ kind: ServerKind, in log: String) -> Double? {
        let lines = log.split(whereSeparator: \.isNewline)
        return switch kind {
        case .needletail: lines.lazy.compactMap(needletailSeconds).first
        case .redis: lines.lazy.compactMap(redisSeconds).first
        case .memcached: nil
        }
    }

    /// Of `12:M 21 Nov 2025 10:00:00.000 * DB loaded from append only file: 1.234 seconds`.
    private static func redisSeconds(_ line: Substring) -> Double? {
        line.range(of: redisPhrase).flatMap { Double(line[$0.upperBound...].prefix { $0 != " " }) }
    }

    /// Of a JSON line: its `seconds`, or its `records` by its `recordsPerSecond`.
    private static func needletailSeconds(_ line: Substring) -> Double? {
        guard let fields = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let message = fields["message"] as? String, message.contains(needletailWord)
        else { return nil }
        if let seconds = number(fields["seconds"]) { return seconds }
        guard let records = number(fields["records"]), let rate = number(fields["recordsPerSecond"]), rate > 0 else {
            return nil
        }
        return records / rate
    }

    /// The log writes whole numbers as such and others as text.
    private static func number(_ value: Any?) -> Double? {
        (value as? Double) ?? (value as? String).flatMap(Double.init)
    }
}
