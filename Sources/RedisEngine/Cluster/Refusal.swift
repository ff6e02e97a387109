//! What an error reply means for the command that got it. None of these commands was executed.

internal import StorageEngine

enum Refusal: Hashable {
    /// Another node serves the slot, for good.
    case moved(slot: UInt16, to: RedisEndpoint)
    /// Another node has this key already; the slot is on its way there.
    case ask(RedisEndpoint)
    /// It passes: worth another try after a while; `mayHaveMoved`: perhaps at another node.
    case wait(EngineError, mayHaveMoved: Bool)
    /// The node does not know the script by its digest.
    case unknownScript
    /// Another try would be refused as well.
    case final(EngineError)

    /// - Parameter source: the node that refused.
    init(_ error: RESPErrorReply, from source: RedisEndpoint) {
        let reason = "\(source): \(error.text)"
        switch error.code {
        case "MOVED", "ASK": self = Self.redirection(error, from: source) ?? .final(.unavailable(reason: reason))
        case "TRYAGAIN", "BUSY": self = .wait(.unavailable(reason: reason), mayHaveMoved: false)
        case "CLUSTERDOWN", "LOADING", "MASTERDOWN": self = .wait(.unavailable(reason: reason), mayHaveMoved: true)
        case "READONLY": self = .wait(.readOnly(reason: reason), mayHaveMoved: true)
        case "NOSCRIPT": self = .unknownScript
        case "OOM": self = .final(.outOfMemory(limitBytes: 0))
        case "MISCONF": self = .final(.readOnly(reason: reason))
        case "WRONGTYPE": self = .final(.unsupported("the key holds another of Redis' types than a string"))
        default: self = .final(Self.plain(error.text) ?? .unavailable(reason: reason))
        }
    }

    /// `MOVED 3999 127.0.0.1:6381`; the host may be missing where it is the refusing node's.
    private static func redirection(_ error: RESPErrorReply, from source: RedisEndpoint) -> Refusal? {
        let words = error.text.split(separator: " ")
        guard words.count >= 3, let slot = UInt16(words[1]), slot < HashSlot.count,
            let colon = words[2].lastIndex(of: ":"), let port = Int(words[2][words[2].index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        let host = String(words[2][..<colon])
        let endpoint = RedisEndpoint(host: host.isEmpty || host == "?" ? source.host : host, port: port)
        return error.code == "MOVED" ? .moved(slot: slot, to: endpoint) : .ask(endpoint)
    }

    /// Errors that have no word of their own.
    private static func plain(_ text: String) -> EngineError? {
        if text.hasPrefix("ERR value is not an integer") { return .notAnInteger }
        if text.hasPrefix("ERR increment or decrement would overflow") { return .overflow }
        return nil
    }
}
