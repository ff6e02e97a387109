internal import Synchronization

/// The numbers that have come by oneway calls, of all connections of a server.
final class Notes: Sendable {
    private let numbers = Mutex<[String: [Int32]]>([:])

    func add(_ number: Int32, to token: String) { numbers.withLock { $0[token, default: []].append(number) } }

    func of(_ token: String) -> [Int32] { numbers.withLock { $0[token] ?? [] } }
}
