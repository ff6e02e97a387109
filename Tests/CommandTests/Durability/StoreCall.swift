//! What the tests of this folder say to a store, and what they hear: the API's methods with their requests and answers
//! reduced to what has to hold. A real server and the stores that only pretend speak it.

internal import StorageAPI

/// When a put is to happen.
enum PutCondition: Hashable, Sendable {
    case always
    case ifAbsent
    case ifVersion(Int64)
}

/// One call. Keys and values are text.
enum StoreCall: Hashable, Sendable {
    case get(String)
    case put(String, value: String, ttlMillis: Int64? = nil, PutCondition = .always)
    case remove(String)
    case increment(String, by: Int64)
    /// Without a time to live: never expires.
    case touch(String, ttlMillis: Int64?)
    /// An atomic `multiPut` of one value under several keys.
    case putTogether([String], value: String)
    case multiRemove([String])

    var isRead: Bool { if case .get = self { true } else { false } }
}

/// What a key holds, as an answer says.
struct StoredEntry: Hashable, Sendable {
    var value: String
    var version: Int64
    var ttlMillis: Int64?
}

enum StoreAnswer: Hashable, Sendable {
    /// To a get; nil: the key is missing.
    case read(StoredEntry?)
    /// To a put that was applied and to an increment: what the key holds since, and that state's version.
    case written(value: String, version: Int64)
    /// To a put whose condition does not hold, with the version that does; nil: the key is missing.
    case notApplied(version: Int64?)
    /// To a remove and a touch: whether the key was there.
    case done(wasThere: Bool)
    /// To an atomic `multiPut`.
    case storedTogether
    /// To a `multiRemove`: how many keys were there.
    case removed(Int)
}

/// How a call ended.
enum CallOutcome: Hashable, Sendable {
    /// - Parameter durability: the level that was reached; nil where nothing was changed.
    case answered(StoreAnswer, Durability?)
    /// It was not executed, and why.
    case refused(String)
    /// Nobody can tell whether it was executed.
    case unanswered(String)
}

extension Durability {
    /// Whether a write that reached this level is there after its process was killed: the operating system has it.
    var survivesKill: Bool { self == .logged || self == .synced }
}

extension String {
    /// For messages: long values differ in front.
    var shortened: String { count > 20 ? "\(prefix(16))... (\(count))" : self }
}

extension StoredEntry: CustomStringConvertible {
    var description: String {
        "\(value.shortened), version \(version), \(ttlMillis.map { "expires in \($0) ms" } ?? "stays")"
    }
}

extension StoreCall: CustomStringConvertible {
    var description: String {
        switch self {
        case .get(let key): "get \(key)"
        case .put(let key, let value, let ttlMillis, let condition):
            "put \(key) \(value.shortened)\(ttlMillis.map { " for \($0) ms" } ?? "") \(condition)"
        case .remove(let key): "remove \(key)"
        case .increment(let key, let delta): "increment \(key) by \(delta)"
        case .touch(let key, let ttlMillis): "touch \(key)\(ttlMillis.map { " for \($0) ms" } ?? "")"
        case .putTogether(let keys, let value): "put together \(keys.joined(separator: " ")) \(value.shortened)"
        case .multiRemove(let keys): "multiRemove \(keys.joined(separator: " "))"
        }
    }
}

extension StoreAnswer: CustomStringConvertible {
    var description: String {
        switch self {
        case .read(let entry): entry.map { "\($0)" } ?? "missing"
        case .written(let value, let version): "written \(value.shortened), version \(version)"
        case .notApplied(let version): "not applied, \(version.map { "version \($0)" } ?? "missing")"
        case .done(let wasThere): wasThere ? "done" : "it was missing"
        case .storedTogether: "stored together"
        case .removed(let count): "removed \(count)"
        }
    }
}
