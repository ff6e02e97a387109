//! The history's calls are counted behind those of `Storage`.

import MemoryEngine
import NeedletailRPC
import NeedletailTelemetry
import StorageAPI
import Testing
import Timing

@testable import StorageServer

struct HistoryCountersTests {
    @Test func callsOfBothServicesAreCountedByTheirMethods() {
        let counters = CounterBlock(count: ServiceCounters.count)
        let storage = StorageService(
            engine: MemoryEngine(), limits: ServiceLimits(), clock: .manual(ManualTime()), counters: counters)
        let host = StorageHost(storage.checks)
        host.answered(.setData, .messagePack, threw: nil)
        host.answered(
            .getDataByRange, .thriftCompact,
            threw: StorageError(code: .deadlineExceeded, message: "", effect: .notExecuted))
        host.cancelled(.getDataByRange, .thriftBinary)
        storage.answered(StorageMethod.scan.rawValue, .messagePack, threw: nil)
        let counts = Dictionary(uniqueKeysWithValues: ServiceCounters.requestsByMethod([counters]).map { ($0, $1) })
        #expect(counts.filter { $0.value > 0 } == ["setData": 1, "getDataByRange": 2, "scan": 1])
        #expect(counts.keys.count == StorageMethod.allCases.count + HistoryMethod.allCases.count)
    }
}
