import MemoryEngine
import NIOCore
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

/// What the service does about calls under pressure.
@Suite struct ShedTests {
    private let counters = CounterBlock(count: ServiceCounters.count)

    private func storage(_ format: RPCFormat, _ pressure: CallPressure, waited: Int64 = 0) -> Storage {
        let time = ManualTime()
        let service = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(time), counters: counters)
        return Storage(
            InProcess(service, format, .manual(time), waitedMilliseconds: waited, pressure: pressure), time)
    }

    @Test(arguments: RPCFormat.allCases) func aShedCallIsOverloadedAndNotExecuted(_ format: RPCFormat) async throws {
        let missed = CallPressure(missed: 30_000_000, target: 100_000_000)
        let pressed = storage(format, missed)
        let tight = RequestContext(timeoutMillis: 80)
        await pressed.expectError(.overloaded) { try await pressed.put("k", "v", context: tight) }
        await pressed.expectError(.overloaded) { try await pressed.multiGet(["k"], context: tight) }
        #expect(try await pressed.text("k") == nil)
        // Who has more time is served.
        try await pressed.put("k", "v", context: RequestContext(timeoutMillis: 200))
        #expect(try await pressed.text("k") == "v")
        #expect(counters[ServiceCounters.shed(.sojourn)] == 2)
        #expect(counters[ServiceCounters.shed(.concurrency)] == 0)
        let family = ServiceCounters.families([counters]).first { $0.name == "requests_shed_total" }
        #expect(family?.samples.map(\.labels.first?.value) == ["sojourn", "concurrency"])
    }

    @Test(arguments: RPCFormat.allCases) func anErrorSaysWhenToComeAgain(_ format: RPCFormat) async throws {
        for (pressure, reason) in [
            (CallPressure.full, ShedReason.concurrency), (CallPressure(missed: 2, target: 1), .sojourn),
        ] {
            let pressed = storage(format, pressure)
            do {
                try await pressed.put("k", "v")
                Issue.record("the call succeeded")
            } catch let error as StorageError {
                #expect(error.code == .overloaded && error.effect == .notExecuted)
                #expect(error.retryAfterMillis == reason.retryAfterMillis && error.message == reason.message)
            }
            #expect(counters[ServiceCounters.shed(reason)] == 1)
        }
    }

    @Test(arguments: RPCFormat.allCases) func aPingIsNeverShed(_ format: RPCFormat) async throws {
        let time = ManualTime()
        let service = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(time), counters: counters)
        let caller = InProcess(service, format, .manual(time), waitedMilliseconds: 1_000, pressure: .full)
        #expect(try await caller.call(StorageMethods.Ping.self, NoArguments()) == "pong")
    }

    @Test(arguments: RPCFormat.allCases) func aCallWhoseTimeIsOverIsLateAndNotShed(_ format: RPCFormat) async throws {
        let late = storage(format, .full, waited: 50)
        await late.expectError(.deadlineExceeded) {
            try await late.put("k", "v", context: RequestContext(timeoutMillis: 50))
        }
        #expect(counters[ServiceCounters.deadlineExceeded(.admission)] == 1)
        #expect(counters[ServiceCounters.shed(.concurrency)] == 0)
    }

    /// Many keys are not decoded to say no; what is said of a call is the same as if they were.
    @Test(arguments: RPCFormat.allCases) func manyKeysAreRefusedUnread(_ format: RPCFormat) async throws {
        let pressed = storage(format, CallPressure(missed: 30_000_000, target: 100_000_000))
        let keys = (0..<1_000).map { "key \($0)" }
        let tight = RequestContext(fromService: "feed", timeoutMillis: 80, baggage: ["a": "b"])
        await pressed.expectError(.overloaded) { try await pressed.multiGet(keys, context: tight) }
        await pressed.expectError(.invalidArgument) {
            try await pressed.multiGet(keys, context: RequestContext(timeoutMillis: -1))
        }
        let count = try await pressed.multiGet(keys, context: RequestContext(timeoutMillis: 200)).statuses.readableBytes
        #expect(count == 1_000, "it has the time, and is read from its beginning")
        let late = storage(format, CallPressure(missed: 1, target: 2), waited: 100)
        await late.expectError(.deadlineExceeded) { try await late.multiGet(keys, context: tight) }
        let multiGet = StorageMethod.multiGet.rawValue
        #expect(counters[ServiceCounters.requests(multiGet, format, .overloaded)] == 1)
        #expect(counters[ServiceCounters.requests(multiGet, format, .deadlineExceeded)] == 1)
    }

    @Test func aCallThatIsRefusedUnreadEndsWhereTheNextBegins() throws {
        let time = ManualTime()
        let service = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(time), counters: counters)
        let request = MultiGetRequest(keys: BinaryList([ByteBuffer(string: "a"), ByteBuffer(string: "b")]))
        var message = encodeCall(
            RPCWire(.messagePack), id: 1, StorageMethods.MultiGet.self,
            StorageMethods.MultiGet.Arguments(request: request))
        let end = message.readableBytes
        message.writeString("the next one")
        var reader = MessagePackReader(message)
        var writer = MessagePackWriter(ByteWriter(into: ByteBuffer()))
        let now = Clock.manual(time).now()
        let head = CallHead(try reader.readEnvelope())
        _ = try service.call(head, CallTimes(arrival: now, start: now).under(.full), &reader, &writer)
        #expect(reader.offset == end)
    }
}
