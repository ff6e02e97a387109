//! Calls of all kinds, of which random parts are cancelled, run out of time, or lose their connection.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

struct SoakLoad {
    /// How calls ended.
    struct Tally {
        var answered = 0
        var refused: [ErrorCode: Int] = [:]
        var cancelled = 0
        var disconnected = 0
        var lateHere = 0

        var count: Int { answered + refused.values.reduce(0, +) + cancelled + disconnected + lateHere }

        static func + (left: Tally, right: Tally) -> Tally {
            Tally(
                answered: left.answered + right.answered,
                refused: left.refused.merging(right.refused, uniquingKeysWith: +),
                cancelled: left.cancelled + right.cancelled, disconnected: left.disconnected + right.disconnected,
                lateHere: left.lateHere + right.lateHere)
        }

        mutating func add(_ result: Result<Void, any Error>) {
            switch result {
            case .success: answered += 1
            case .failure(CallFailure<StorageError>.exception(let error)): refused[error.code, default: 0] += 1
            case .failure(CallFailure<StorageError>.call(.cancelled)): cancelled += 1
            case .failure(CallFailure<StorageError>.call(.connectionClosed)),
                .failure(CallFailure<StorageError>.call(.clientClosed)):
                disconnected += 1
            case .failure(CallFailure<StorageError>.call(.timedOut)): lateHere += 1
            case .failure(let error): Issue.record("a call ended otherwise: \(error)")
            }
        }
    }

    private static let workers = 16
    /// Calls that are under way when their connection is closed.
    private static let callsPerDisconnect = 16
    /// One connection is closed for so many calls.
    private static let callsBetweenDisconnects = 256
    private static let keyCount = 2_000
    private static let keys = (0..<keyCount).map { ByteBuffer(string: "soak\($0)") }
    private static let wires = [
        RPCWire(.messagePack), RPCWire(.thriftBinary, .framed), RPCWire(.thriftCompact, .ttheader),
        RPCWire(.thriftBinary, .theader, isCompressed: true),
    ]

    let port: Int

    private func client(_ wire: RPCWire) -> RPCClient {
        RPCClient(to: .tcp(host: "127.0.0.1", port: port), RPCClientConfiguration(wire: wire, interceptors: []))
    }

    /// Makes `count` calls or somewhat more, and ends all connections.
    func run(count: Int) async -> Tally {
        await withTaskGroup(of: Tally.self) { tasks in
            for worker in 0..<Self.workers {
                tasks.addTask { await work(worker, count: count / Self.workers + 1) }
            }
            return await tasks.reduce(Tally(), +)
        }
    }

    private func work(_ worker: Int, count: Int) async -> Tally {
        let wire = Self.wires[worker % Self.wires.count]
        let client = client(wire)
        let storage = StorageClient(client)
        var tally = Tally()
        var untilDisconnect = Int.random(in: 1...Self.callsBetweenDisconnects)
        while tally.count < count {
            untilDisconnect -= 1
            if untilDisconnect == 0 {
                untilDisconnect = Int.random(in: 1...2 * Self.callsBetweenDisconnects)
                await disconnect(wire, &tally)
            }
            let call = Task { try await Self.call(storage) }
            if Int.random(in: 0..<4) == 0 {
                for _ in 0..<Int.random(in: 0...10) { await Task.yield() }
                call.cancel()
            }
            tally.add(await call.result)
        }
        await client.close()
        return tally
    }

    /// Closes a connection in the midst of its calls.
    private func disconnect(_ wire: RPCWire, _ tally: inout Tally) async {
        let client = client(wire)
        let storage = StorageClient(client)
        let calls = (0..<Self.callsPerDisconnect).map { _ in Task { try await Self.call(storage) } }
        tally.add(await calls[0].result)
        await client.close()
        for call in calls.dropFirst() { tally.add(await call.result) }
    }

    /// A call of some method, often with less time than it takes.
    private static func call(_ storage: StorageClient) async throws {
        let context = [nil, 1, 1, 2, 5, 1_000].randomElement().map { RequestContext(timeoutMillis: $0) }
        let key = keys[Int.random(in: 0..<keyCount)]
        switch Int.random(in: 0..<8) {
        case 0, 1: _ = try await storage.get(GetRequest(key: key, context: context))
        case 2, 3:
            let value = ByteBuffer(repeating: 0x76, count: Int.random(in: 0...4_000))
            _ = try await storage.put(PutRequest(key: key, value: value, context: context))
        case 4:
            _ = try await storage.multiPut(
                MultiPutRequest(
                    entries: (0..<10).map { _ in Entry(key: keys[Int.random(in: 0..<keyCount)], value: key) },
                    context: context))
        case 5: _ = try await storage.remove(RemoveRequest(key: key, context: context))
        default:
            let start = Int.random(in: 0..<keyCount - 100)
            _ = try await storage.multiGet(
                MultiGetRequest(
                    keys: BinaryList(keys[start..<start + 100]), policy: Bool.random() ? .cancel : .wait,
                    context: context))
        }
    }
}
