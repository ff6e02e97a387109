//! The methods as tests call them: text for bytes, and what a test does not care about left out.

import NIOCore
import NeedletailWire
import StorageAPI
import Testing
import Timing

struct Storage: Sendable {
    let caller: any Caller
    let time: ManualTime

    init(_ caller: any Caller, _ time: ManualTime) {
        self.caller = caller
        self.time = time
    }

    func advance(byMilliseconds milliseconds: Int64) { time.advance(byMilliseconds: milliseconds) }

    func get(_ key: String) async throws -> GetResponse {
        try await caller.call(StorageMethods.Get.self, .init(request: GetRequest(key: ByteBuffer(string: key))))
    }

    func text(_ key: String) async throws -> String? { try await get(key).value.map { String(buffer: $0) } }

    @discardableResult
    func put(
        _ key: String, _ value: String, ttlMillis: Int64? = nil, condition: Condition? = nil, ifVersion: Int64? = nil,
        durability: Durability? = nil, returnPrevious: Bool? = nil, context: RequestContext? = nil
    ) async throws -> PutResponse {
        try await caller.call(
            StorageMethods.Put.self,
            .init(
                request: PutRequest(
                    key: ByteBuffer(string: key), value: ByteBuffer(string: value), ttlMillis: ttlMillis,
                    condition: condition, ifVersion: ifVersion, durability: durability, returnPrevious: returnPrevious,
                    context: context)))
    }

    func remove(_ key: String, ifVersion: Int64? = nil) async throws -> RemoveResponse {
        try await caller.call(
            StorageMethods.Remove.self,
            .init(request: RemoveRequest(key: ByteBuffer(string: key), ifVersion: ifVersion)))
    }

    func multiGet(
        _ keys: [String], withVersions: Bool? = nil, policy: ReadPolicy? = nil, context: RequestContext? = nil
    ) async throws -> MultiGetResponse {
        try await caller.call(
            StorageMethods.MultiGet.self,
            .init(
                request: MultiGetRequest(
                    keys: BinaryList(strings: keys), policy: policy, withVersions: withVersions, context: context)))
    }

    @discardableResult
    func multiPut(
        _ entries: [(String, String)], ttlMillis: Int64? = nil, atomic: Bool? = nil
    ) async throws -> MultiPutResponse {
        let entries = entries.map {
            Entry(key: ByteBuffer(string: $0), value: ByteBuffer(string: $1), ttlMillis: ttlMillis)
        }
        return try await caller.call(
            StorageMethods.MultiPut.self, .init(request: MultiPutRequest(entries: entries, atomic: atomic)))
    }

    func multiRemove(_ keys: [String]) async throws -> MultiRemoveResponse {
        try await caller.call(
            StorageMethods.MultiRemove.self, .init(request: MultiRemoveRequest(keys: BinaryList(strings: keys))))
    }

    @discardableResult
    func increment(
        _ key: String, _ delta: Int64, initial: Int64? = nil, ttlMillis: Int64? = nil
    ) async throws -> IncrementResponse {
        try await caller.call(
            StorageMethods.Increment.self,
            .init(
                request: IncrementRequest(
                    key: ByteBuffer(string: key), delta: delta, initial: initial, ttlMillis: ttlMillis)))
    }

    @discardableResult
    func touch(_ key: String, ttlMillis: Int64?) async throws -> TouchResponse {
        try await caller.call(
            StorageMethods.Touch.self, .init(request: TouchRequest(key: ByteBuffer(string: key), ttlMillis: ttlMillis)))
    }

    func scan(
        cursor: ByteBuffer? = nil, prefix: String? = nil, limit: Int32? = nil, keysOnly: Bool? = nil
    ) async throws -> ScanResponse {
        try await caller.call(
            StorageMethods.Scan.self,
            .init(
                request: ScanRequest(
                    cursor: cursor, prefix: prefix.map { ByteBuffer(string: $0) }, limit: limit, keysOnly: keysOnly)))
    }

    /// All keys of a whole scan, in the order met.
    func scanAll(prefix: String? = nil, limit: Int32? = nil) async throws -> [String] {
        var keys: [String] = []
        var cursor: ByteBuffer?
        repeat {
            let page = try await scan(cursor: cursor, prefix: prefix, limit: limit)
            keys += page.entries.map { String(buffer: $0.key) }
            cursor = page.cursor
        } while cursor != nil
        return keys
    }

    /// Expects the call to fail with this code, without having done anything.
    func expectError(
        _ code: ErrorCode, effect: Effect = .notExecuted, sourceLocation: SourceLocation = #_sourceLocation,
        _ call: () async throws -> some Sendable
    ) async {
        do {
            _ = try await call()
            Issue.record("the call succeeded", sourceLocation: sourceLocation)
        } catch let error as StorageError {
            #expect(error.code == code, "\(error.message)", sourceLocation: sourceLocation)
            #expect(error.effect == effect, sourceLocation: sourceLocation)
            #expect(!error.message.isEmpty, sourceLocation: sourceLocation)
        } catch {
            Issue.record("another error: \(error)", sourceLocation: sourceLocation)
        }
    }
}

/// The bytes of `statuses`, by name.
enum Status {
    static let found: UInt8 = 1
    static let missing: UInt8 = 2
    static let deadlineExceeded: UInt8 = 3
    static let failed: UInt8 = 4
    static let tooLarge: UInt8 = 6
    static let stored: UInt8 = 7
}

extension MultiGetResponse {
    var statusBytes: [UInt8] { Array(statuses.readableBytesView) }
    var texts: [String] { values.indices.map { String(buffer: values.buffer(at: $0)) } }
}

extension MultiPutResponse {
    var statusBytes: [UInt8] { Array(statuses.readableBytesView) }
}
