//! How often the server allocates for a request, pinned: a change that adds an allocation fails here, and one that takes
//! one away lowers the number in the table below.
//!
//! Counted is what the event loop's thread allocates from a request's first byte to its answer's last, over a real
//! connection, after a warm-up. To see where an allocation comes from: `TRACE_ALLOCATIONS=1`, which prints the stacks of
//! one request of each kind.

import CAllocationCounter
import Glibc
import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import StorageEngine
import Testing

extension Allocations {
    @Suite struct RequestAllocations {
        /// The most that one request may allocate.
        private struct Bounds {
            var get: Int
            /// For each of 16 requests that arrive together.
            var pipelinedGets: Int
            var put: Int
            /// A put that is with the kernel before its answer leaves.
            var loggedPut: Int
            /// A put that waits until it is synced.
            var syncedPut: Int
            /// Whatever the number of keys.
            var multiGet: Int

            static func of(_ format: RPCFormat) -> Bounds {
                switch format {
                // The one of multiGet: the list of where each key lies in the request.
                case .messagePack: Bounds(get: 0, pipelinedGets: 0, put: 0, loggedPut: 0, syncedPut: 2, multiGet: 1)
                case .thriftBinary: Bounds(get: 0, pipelinedGets: 0, put: 0, loggedPut: 0, syncedPut: 2, multiGet: 1)
                case .thriftCompact: Bounds(get: 0, pipelinedGets: 0, put: 0, loggedPut: 0, syncedPut: 2, multiGet: 1)
                }
            }
        }

        @Test(arguments: RPCFormat.allCases) func aGet(format: RPCFormat) async throws {
            let call = encodeCall(
                RPCWire(format), id: 1, StorageMethods.Get.self, .init(request: GetRequest(key: CountedServer.key(7))))
            try await expect(call, requests: 1, atMost: Bounds.of(format).get, "get, \(format.name)") {
                let answer = try decodeAnswer($0, format, StorageMethods.Get.self)
                #expect(answer.value?.readableBytes == CountedServer.valueBytes)
            }
        }

        /// Its caller's figures are kept apart, and its notes hold its names, which fit into a `String` without memory of its own.
        @Test(arguments: RPCFormat.allCases) func aGetThatNamesItsCaller(format: RPCFormat) async throws {
            let context = RequestContext(
                fromService: "feed", fromCluster: "east", toService: "needletail", toCluster: "west", logID: "4711")
            let request = GetRequest(key: CountedServer.key(7), context: context)
            let call = encodeCall(RPCWire(format), id: 1, StorageMethods.Get.self, .init(request: request))
            try await expect(call, requests: 1, atMost: 0, "get with a caller, \(format.name)") {
                let answer = try decodeAnswer($0, format, StorageMethods.Get.self)
                #expect(answer.value?.readableBytes == CountedServer.valueBytes)
            }
        }

        /// Behind a header that says no more than whose call it is; what else one says is allocated once, as the call's origin.
        @Test(arguments: [RPCFraming.theader, .ttheader]) func aGetBehindAHeader(framing: RPCFraming) async throws {
            let wire = RPCWire(.thriftBinary, framing)
            let call = encodeCall(
                wire, id: 1, StorageMethods.Get.self, .init(request: GetRequest(key: CountedServer.key(7))))
            try await expect(call, requests: 1, atMost: 0, "get, \(framing)") { answer in
                // Without its length, and a header of one word.
                var message = answer
                message.moveReaderIndex(forwardBy: 18)
                let value = try decodeAnswer(message, .thriftBinary, StorageMethods.Get.self).value
                #expect(value?.readableBytes == CountedServer.valueBytes)
            }
        }

        @Test(arguments: RPCFormat.allCases) func sixteenGetsThatArriveTogether(format: RPCFormat) async throws {
            var calls = ByteBuffer()
            for id in 0..<16 {
                let request = GetRequest(key: CountedServer.key(id * 100))
                calls.writeImmutableBuffer(
                    encodeCall(RPCWire(format), id: UInt32(id), StorageMethods.Get.self, .init(request: request)))
            }
            try await expect(
                calls, requests: 16, atMost: Bounds.of(format).pipelinedGets, "16 gets together, \(format.name)"
            ) {
                let answer = try decodeAnswer($0, format, StorageMethods.Get.self)
                #expect(answer.value?.readableBytes == CountedServer.valueBytes)
            }
        }

        @Test(arguments: RPCFormat.allCases) func aPutThatOverwrites(format: RPCFormat) async throws {
            let request = PutRequest(
                key: CountedServer.key(7), value: ByteBuffer(repeating: 2, count: CountedServer.valueBytes))
            let call = encodeCall(RPCWire(format), id: 1, StorageMethods.Put.self, .init(request: request))
            try await expect(call, requests: 1, atMost: Bounds.of(format).put, "put, \(format.name)") {
                let answer = try decodeAnswer($0, format, StorageMethods.Put.self)
                #expect(answer.applied)
            }
        }

        @Test(arguments: RPCFormat.allCases) func aPutThatIsLogged(format: RPCFormat) async throws {
            let request = PutRequest(
                key: CountedServer.key(7), value: ByteBuffer(repeating: 2, count: CountedServer.valueBytes),
                durability: .logged)
            let call = encodeCall(RPCWire(format), id: 1, StorageMethods.Put.self, .init(request: request))
            try await expect(
                call, requests: 1, atMost: Bounds.of(format).loggedPut, "logged put, \(format.name)", isLogged: true
            ) {
                let answer = try decodeAnswer($0, format, StorageMethods.Put.self)
                #expect(answer.durability == .logged)
            }
        }

        @Test(arguments: RPCFormat.allCases) func aPutThatIsSynced(format: RPCFormat) async throws {
            let request = PutRequest(
                key: CountedServer.key(7), value: ByteBuffer(repeating: 2, count: CountedServer.valueBytes))
            let call = encodeCall(RPCWire(format), id: 1, StorageMethods.Put.self, .init(request: request))
            try await expect(
                call, requests: 1, atMost: Bounds.of(format).syncedPut, "synced put, \(format.name)", isLogged: true
            ) {
                let answer = try decodeAnswer($0, format, StorageMethods.Put.self)
                #expect(answer.durability == .synced)
            }
        }

        @Test(arguments: RPCFormat.allCases) func aMultiGetOfAnyNumberOfKeys(format: RPCFormat) async throws {
            for count in [10, 100, 1_000] {
                let keys = BinaryList((0..<count).map { CountedServer.key($0 * 7) })
                let call = encodeCall(
                    RPCWire(format), id: 1, StorageMethods.MultiGet.self, .init(request: MultiGetRequest(keys: keys)))
                try await expect(
                    call, requests: 1, atMost: Bounds.of(format).multiGet, "multiGet of \(count), \(format.name)"
                ) {
                    let answer = try decodeAnswer($0, format, StorageMethods.MultiGet.self)
                    let found = UInt8(truncatingIfNeeded: StorageAPI.KeyStatus.found.rawValue)
                    #expect(answer.statuses == ByteBuffer(repeating: found, count: count))
                }
            }
        }

        /// What a loop does by itself, ten times and once a second.
        @Test func aLoopWithoutCalls() async throws {
            try await CountedServer.run(isLogged: false) { _ in
                let before = nt_allocation_count()
                if unsafe getenv("TRACE_ALLOCATIONS") != nil { nt_trace_allocations(10) }
                usleep(2_200_000)
                #expect(nt_allocation_count() == before)
            }
        }

        @Test func whatIsAllocatedIsCounted() {
            final class Object { var number = 0 }
            nt_count_this_thread(true)
            defer { nt_count_this_thread(false) }
            let before = nt_allocation_count()
            var kept: [Object] = []
            kept.reserveCapacity(10)
            for _ in 0..<10 { kept.append(Object()) }
            // A buffer is an object and its bytes.
            let buffer = ByteBuffer(repeating: 1, count: 100)
            #expect(nt_allocation_count() - before == 13, "\(kept.count) objects, \(buffer.readableBytes) bytes")
        }

        // MARK: Counting

        private static let warmUps = 300
        private static let samples = 5
        private static let runsPerSample = 500

        /// Sends `calls`, `requests` of them together, until their number of allocations is known: the least of some samples,
        /// because a request that arrives in two pieces takes more.
        private func expect(
            _ calls: ByteBuffer, requests: Int, atMost bound: Int, _ what: String, isLogged: Bool = false,
            firstAnswer check: (ByteBuffer) throws -> Void
        ) async throws {
            try await CountedServer.run(isLogged: isLogged) { server in
                let exchange = try Exchange(port: server.port, calls)
                for _ in 0..<Self.warmUps { try exchange.run() }
                try check(exchange.lastAnswer)
                var least = UInt64.max
                for _ in 0..<Self.samples {
                    let before = nt_allocation_count()
                    for _ in 0..<Self.runsPerSample { try exchange.run() }
                    least = min(least, nt_allocation_count() - before)
                }
                let perRequest = Double(least) / Double(Self.runsPerSample * requests)
                print("allocations a request: \(perRequest) for \(what)")
                #expect(least <= UInt64(bound * requests * Self.runsPerSample), "\(perRequest) for \(what)")
                if unsafe getenv("TRACE_ALLOCATIONS") != nil {
                    nt_trace_allocations(Int32(perRequest.rounded(.up)) * Int32(requests))
                    try exchange.run()
                }
            }
        }
    }
}
