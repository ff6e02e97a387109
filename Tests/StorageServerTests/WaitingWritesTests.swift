//! When a write is answered, and with what.

import LogSimulation
import MemoryEngine
import NIOCore
import NIOEmbedded
import NeedletailTelemetry
import NeedletailWire
import StorageAPI
import Testing
import Timing
import WriteAheadLog

@testable import NeedletailRPC
@testable import StorageServer

@Suite struct WaitingWritesTests {
    @Test(arguments: [StorageAPI.Durability.logged, .synced]) func aWriteIsAnsweredWhenItsLevelIsReached(
        _ level: StorageAPI.Durability
    ) throws {
        let storage = try WaitingStorage()
        let put = try storage.put("k", durability: level)
        #expect(!put.isGiven)
        storage.loop.run()
        // Handing a small group to the kernel is done at once, on the loop.
        #expect(put.isGiven == (level == .logged))
        storage.commit()
        #expect(put.isGiven)
        let answer = try put.get()
        #expect(answer.applied)
        #expect(answer.durability == level)
        #expect(storage.service.waiting.count == 0)
    }

    @Test func aLoggedWriteIsAnsweredWithItsGroup() throws {
        let storage = try WaitingStorage(segmentBytes: 8 << 20)
        let puts = try ["k", "l"].map { try storage.put($0, durability: .logged) }
        #expect(puts.allSatisfy(\.isProvisional) && storage.service.waiting.count == 0)
        #expect(storage.log.loggedLSN < storage.log.appendedLSN)
        #expect(storage.service.finishGroup())
        #expect(storage.log.loggedLSN == storage.log.appendedLSN)
        for put in puts { #expect(try put.get().durability == .logged) }
        #expect(storage.counters[ServiceCounters.requests(StorageMethod.put.rawValue, .thriftBinary, nil)] == 2)
        // Where it cannot be written at once, it waits.
        let big = try storage.call(
            StorageMethods.Put.self,
            .init(
                request: PutRequest(
                    key: ByteBuffer(string: "k"), value: ByteBuffer(repeating: 0, count: 300 << 10),
                    durability: .logged)))
        #expect(!big.isProvisional && !big.isGiven)
        storage.commit()
        #expect(try big.get().durability == .logged)
    }

    @Test func aGroupThatCannotBeLoggedIsNotAnswered() throws {
        let storage = try WaitingStorage(segmentBytes: 8 << 20)
        #expect(try storage.put("k", durability: .logged).isProvisional)
        storage.disk.plan(.failure(code: 5), .write)
        #expect(!storage.service.finishGroup())
        #expect(try storage.put("k", durability: .logged).failure()?.code == .readOnly)
        #expect(storage.service.finishGroup(), "nothing has joined")
    }

    @Test func aWriteThatAsksForNothingIsSynced() throws {
        let storage = try WaitingStorage()
        let put = try storage.put("k")
        storage.commit()
        #expect(try put.get().durability == .synced)
        #expect(storage.log.syncedLSN == storage.log.appendedLSN)
    }

    @Test func whatAsksForMemoryOrChangesNothingIsAnsweredAtOnce() throws {
        let storage = try WaitingStorage()
        let put = try storage.put("k", durability: .memory)
        #expect(put.isImmediate)
        #expect(try put.get().durability == .memory)
        let refused = try storage.put("k", condition: .ifAbsent)
        #expect(refused.isImmediate)
        #expect(try refused.get() == PutResponse(applied: false, version: 1))
        let key = ByteBuffer(string: "nobody")
        #expect(try storage.call(StorageMethods.Remove.self, .init(request: RemoveRequest(key: key))).isImmediate)
        #expect(try storage.call(StorageMethods.Touch.self, .init(request: TouchRequest(key: key))).isImmediate)
        let keys = MultiRemoveRequest(keys: BinaryList([key]))
        #expect(try storage.call(StorageMethods.MultiRemove.self, .init(request: keys)).isImmediate)
        let nothing = try storage.call(
            StorageMethods.MultiPut.self, .init(request: MultiPutRequest(entries: [], atomic: true)))
        #expect(nothing.isImmediate)
    }

    /// What was evicted is in the log: after a crash it would be back.
    @Test func aRemovalOfWhatMayHaveBeenEvictedWaits() throws {
        let storage = try WaitingStorage(evictionPolicy: .s3fifo)
        let key = ByteBuffer(string: "nobody")
        let remove = try storage.call(StorageMethods.Remove.self, .init(request: RemoveRequest(key: key)))
        let removeMany = try storage.call(
            StorageMethods.MultiRemove.self, .init(request: MultiRemoveRequest(keys: BinaryList([key]))))
        #expect(!remove.isGiven && !removeMany.isGiven)
        storage.commit()
        #expect(try remove.get() == RemoveResponse(removed: false))
        #expect(try removeMany.get() == MultiRemoveResponse(removed: 0))
        let conditional = try storage.call(
            StorageMethods.Remove.self, .init(request: RemoveRequest(key: key, ifVersion: 3)))
        #expect(conditional.isImmediate, "nothing can have changed")
    }

    @Test func everyMethodThatChangesSomethingWaits() throws {
        let storage = try WaitingStorage()
        let key = ByteBuffer(string: "k")
        let entries = [Entry(key: key, value: ByteBuffer(string: "1"))]
        let put = try storage.call(StorageMethods.MultiPut.self, .init(request: MultiPutRequest(entries: entries)))
        let increment = try storage.call(
            StorageMethods.Increment.self, .init(request: IncrementRequest(key: key, delta: 1)))
        let touch = try storage.call(StorageMethods.Touch.self, .init(request: TouchRequest(key: key)))
        let remove = try storage.call(StorageMethods.Remove.self, .init(request: RemoveRequest(key: key)))
        let batch = try storage.call(
            StorageMethods.MultiPut.self, .init(request: MultiPutRequest(entries: entries, atomic: true)))
        let removeMany = try storage.call(
            StorageMethods.MultiRemove.self, .init(request: MultiRemoveRequest(keys: BinaryList([key]))))
        #expect(storage.service.waiting.count == 6)
        storage.commit()
        #expect(try put.get().durability == .synced)
        #expect(try increment.get().value == 2)
        #expect(try touch.get() == TouchResponse(found: true, durability: .synced))
        #expect(try remove.get() == RemoveResponse(removed: true, durability: .synced))
        #expect(try batch.get().durability == .synced)
        #expect(try removeMany.get() == MultiRemoveResponse(removed: 1, durability: .synced))
    }

    @Test func aWriteThatStillWaitsAtItsDeadlineMayOrMayNotBeKept() throws {
        let storage = try WaitingStorage()
        let long = try storage.put("long", timeoutMillis: 200)
        let short = try storage.put("short", timeoutMillis: 50)
        let middle = try storage.put("middle", timeoutMillis: 100)
        storage.advance(byMilliseconds: 49)
        #expect(!short.isGiven)
        storage.advance(byMilliseconds: 2)
        #expect(short.isGiven)
        #expect(!middle.isGiven)
        let error = short.failure()
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.effect == .unknown)
        storage.advance(byMilliseconds: 50)
        #expect(middle.isGiven)
        #expect(!long.isGiven)
        #expect(storage.service.waiting.count == 1)
        #expect(storage.counters[ServiceCounters.deadlineExceeded(.sync)] == 2)
        // What comes true afterwards is for those who still wait.
        storage.commit()
        #expect(try long.get().applied)
        #expect(middle.failure()?.code == .deadlineExceeded)
        #expect(storage.service.waiting.count == 0)
    }

    @Test func aWriteThatHasReachedItsLevelAnswersItsResultAlsoLate() throws {
        let storage = try WaitingStorage()
        let put = try storage.put("k", timeoutMillis: 50)
        // The clock has moved on, and the timer has not fired.
        storage.time.advance(byMilliseconds: 60)
        storage.commit()
        #expect(try put.get().durability == .synced)
    }

    @Test func theTimerGoesOnForThoseWhoComeLater() throws {
        let storage = try WaitingStorage()
        let first = try storage.put("k", timeoutMillis: 50)
        storage.commit()
        #expect(try first.get().applied)
        storage.advance(byMilliseconds: 40)
        let second = try storage.put("k", timeoutMillis: 50)
        storage.advance(byMilliseconds: 10)
        #expect(!second.isGiven)
        storage.advance(byMilliseconds: 41)
        #expect(second.failure()?.code == .deadlineExceeded)
    }

    @Test func aSyncThatFailsLeavesItUnknown() throws {
        let storage = try WaitingStorage()
        let put = try storage.put("k")
        storage.disk.plan(.failure(code: 5), .sync)
        storage.commit()
        let error = put.failure()
        #expect(error?.code == .unavailable)
        #expect(error?.effect == .unknown)
        #expect(error?.message.contains("failed") == true)
        // From now on nothing is promised.
        let next = try storage.put("k")
        #expect(next.isImmediate)
        let refusal = next.failure()
        #expect(refusal?.code == .readOnly)
        #expect(refusal?.effect == .notExecuted)
        let key = GetRequest(key: ByteBuffer(string: "k"))
        #expect(try storage.call(StorageMethods.Get.self, .init(request: key)).get().value != nil)
    }

    @Test func aFullDiskTakesNoWritesUntilThereIsRoom() throws {
        let storage = try WaitingStorage()
        let waiting = try storage.put("k")
        storage.disk.plan(.failure(code: 28), .write)
        storage.commit()
        #expect(waiting.failure()?.code == .unavailable)
        let refusal = try storage.put("k").failure()
        #expect(refusal?.code == .readOnly)
        #expect(refusal?.effect == .notExecuted)
        storage.commit()
        let put = try storage.put("k")
        storage.commit()
        #expect(try put.get().durability == .synced)
    }

    @Test func callsAreRefusedUntilTheDataIsLoaded() throws {
        let loading = Loading(isDone: false)
        let storage = try WaitingStorage(loading: loading)
        #expect(try storage.call(StorageMethods.Ping.self, .init()).get() == "pong")
        loading.progress(to: 0.5, after: 0.2)
        let error = try storage.put("k").failure()
        #expect(error?.code == .unavailable)
        #expect(error?.effect == .notExecuted)
        #expect(error?.retryAfterMillis == 200)
        #expect(error?.message == "the server is loading 50%")
        let get = StorageMethods.Get.Arguments(request: GetRequest(key: ByteBuffer(string: "k")))
        #expect(try storage.call(StorageMethods.Get.self, get).failure()?.code == .unavailable)
        loading.progress(to: 0.999, after: 100)
        #expect(loading.retryAfterMillis == 100)
        loading.progress(to: 0.9999, after: 100)
        #expect(loading.retryAfterMillis == 50)
        loading.progress(to: 0.001, after: 1)
        #expect(loading.retryAfterMillis == 1_000)
        loading.finish()
        #expect(try storage.put("k", durability: .memory).get().applied)
    }
}
