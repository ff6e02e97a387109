import MemoryEngine
import NIOCore
import NeedletailTelemetry
import StorageAPI
import Testing
import Timing

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct DeadlineTests {
    /// A service whose calls have waited for `milliseconds`, on a clock that stands still.
    private func storage(_ format: RPCFormat, waited milliseconds: Int64, header: Int32 = 0) -> Storage {
        let time = ManualTime()
        let service = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(time),
            counters: CounterBlock(count: ServiceCounters.count))
        return Storage(
            InProcess(
                service, format, .manual(time), waitedMilliseconds: milliseconds, headerTimeoutMillis: header), time)
    }

    @Test(arguments: RPCFormat.allCases) func aCallThatHasWaitedItsTimeIsNotExecuted(_ format: RPCFormat) async throws {
        let late = storage(format, waited: 50)
        let context = RequestContext(timeoutMillis: 50)
        await late.expectError(.deadlineExceeded) { try await late.put("k", "v", context: context) }
        for policy: ReadPolicy in [.cancel, .wait] {
            await late.expectError(.deadlineExceeded) {
                try await late.multiGet(["k"], policy: policy, context: context)
            }
        }
        #expect(try await late.text("k") == nil)
        try await late.put("k", "v", context: RequestContext(timeoutMillis: 51))
        #expect(try await late.text("k") == "v")
    }

    @Test(arguments: RPCFormat.allCases) func ofTheHeadersAndTheRequestsTimeTheSmallerCounts(
        _ format: RPCFormat
    ) async throws {
        let late = storage(format, waited: 50, header: 50)
        for asked: Int32? in [nil, 0, 50, 1_000] {
            await late.expectError(.deadlineExceeded) {
                try await late.put("k", "v", context: RequestContext(timeoutMillis: asked))
            }
        }
        let inTime = storage(format, waited: 50, header: 51)
        for asked: Int32? in [nil, 0, 51, 1_000] {
            try await inTime.put("k", "v", context: RequestContext(timeoutMillis: asked))
        }
        await inTime.expectError(.deadlineExceeded) {
            try await inTime.put("k", "v", context: RequestContext(timeoutMillis: 50))
        }
        // More than the default, and more than the most.
        try await storage(format, waited: 59_999, header: .max).put("k", "v")
        let latest = storage(format, waited: 60_000, header: .max)
        await latest.expectError(.deadlineExceeded) { try await latest.put("k", "v") }
        let negative = storage(format, waited: 0, header: -1)
        await negative.expectError(.invalidArgument) { try await negative.put("k", "v") }
    }

    @Test(arguments: RPCFormat.allCases) func absentOrZeroIsTheDefaultAndMoreThanTheMostIsTheMost(
        _ format: RPCFormat
    ) async throws {
        let inTime = storage(format, waited: 9_999)
        try await inTime.put("k", "v")
        try await inTime.put("k", "v", context: RequestContext(timeoutMillis: 0))
        let late = storage(format, waited: 10_000)
        await late.expectError(.deadlineExceeded) { try await late.put("k", "v") }
        let latest = storage(format, waited: 60_000)
        await latest.expectError(.deadlineExceeded) {
            try await latest.put("k", "v", context: RequestContext(timeoutMillis: .max))
        }
    }
}
