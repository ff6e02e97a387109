//! What an engine does with its log: what goes there, under which version, and what is left when it refuses.

import LogSimulation
import NIOCore
import NIOEmbedded
import StorageEngine
import Testing
import WriteAheadLog

@testable import MemoryEngine

@Suite struct LogTests {
    @Test func aChangesVersionIsItsLSN() throws {
        let logged = try LoggedStore()
        let store = logged.store
        #expect(try store.put("a", "1").version == 1_000)
        #expect(try store.increment("a").version == 1_001)
        #expect(try store.touch("a", ttl: 1_000))
        #expect(store.get("a").version == 1_002)
        #expect(try logged.multiPut([("b", "1"), ("c", "1")]) == [.stored, .stored])
        #expect(store.get("c").version == 1_004)
        #expect(try logged.multiPut([("b", "2"), ("c", "2"), ("d", "2")], atomic: true).count == 3)
        #expect(["b", "c", "d"].map { store.get($0).version } == [1_005, 1_005, 1_005])
        #expect(try store.remove("a"))
        #expect(try logged.multiRemove(["b", "c", "b"]) == 2)
        #expect(logged.log.appendedLSN == 1_008)
        #expect(logged.session.lastChange == 1_008)
    }

    @Test func whatChangesNothingIsNotLogged() throws {
        let logged = try LoggedStore()
        let store = logged.store
        try store.put("a", "x")
        let before = logged.log.appendedLSN
        #expect(try !store.put("a", "y", condition: .ifAbsent).applied)
        #expect(try !store.remove("a", ifVersion: 1))
        #expect(try !store.remove("b"))
        #expect(try !store.touch("b", ttl: nil))
        #expect(throws: EngineError.notAnInteger) { try store.increment("a") }
        #expect(try logged.multiRemove(["b", "c"]) == 0)
        #expect(try logged.multiPut([], atomic: true) == [])
        #expect(logged.log.appendedLSN == before)
    }

    @Test func whatThereIsNoMemoryForIsNotLogged() throws {
        let logged = try LoggedStore(
            MemoryEngineConfiguration(shardCount: 4, memoryLimitBytes: 64 << 10, seed: 1))
        let large = ByteBuffer(repeating: 1, count: 128 << 10)
        #expect(throws: EngineError.self) { try logged.store.put(ByteBuffer(string: "k"), large) }
        #expect(logged.log.appendedLSN == 999)
    }

    @Test func aChangeThatTheLogRefusesHasNotHappened() throws {
        let logged = try LoggedStore()
        let store = logged.store
        try store.put("a", "1")
        try store.put("b", "2", ttl: 1_000)
        logged.storage.plan(.failure(code: 28), .write)
        logged.log.commit()
        let versions = ["a", "b"].map { store.get($0).version }
        let refusals: [() throws -> Void] = [
            { try store.put("a", "9") }, { try store.put("new", "9") }, { _ = try store.increment("a") },
            { _ = try store.touch("b", ttl: nil) }, { _ = try store.remove("a") },
            { _ = try logged.multiPut([("a", "9"), ("new", "9")]) },
            { _ = try logged.multiPut([("a", "9"), ("new", "9")], atomic: true) },
            { _ = try logged.multiRemove(["a", "b"]) },
        ]
        for refusal in refusals {
            let error = #expect(throws: EngineError.self) { try refusal() }
            guard case .readOnly(let reason)? = error else {
                Issue.record("another error: \(String(describing: error))")
                continue
            }
            #expect(reason.contains("no space"))
        }
        #expect(store.text("a") == "1")
        #expect(store.text("b") == "2")
        #expect(store.text("new") == nil)
        #expect(["a", "b"].map { store.get($0).version } == versions)
        // Once there is space again, nothing more is needed.
        logged.log.commit()
        #expect(try store.put("a", "9").applied)
    }

    @Test func aCallOfManyKeysSaysWhereTheLogBrokeItOff() throws {
        // One record is always taken; more than one does not fit.
        let logged = try LoggedStore(bufferBytesMax: 1)
        #expect(try logged.multiPut([("a", "1"), ("b", "1"), ("c", "1")]) == [.stored, .failed, .failed])
        #expect(logged.store.text("b") == nil)
        let error = #expect(throws: EngineError.self) { try logged.store.put("b", "1") }
        #expect("\(String(describing: error))".contains("overloaded"))
        logged.log.commit()
        try logged.store.put("b", "1")
        logged.log.commit()
        let broken = #expect(throws: EngineError.self) { try logged.multiRemove(["a", "b"]) }
        #expect("\(String(describing: broken))".contains("interrupted"))
        #expect(logged.store.text("a") == nil)
        #expect(logged.store.text("b") == "1")
        // A batch is one record.
        logged.log.commit()
        #expect(try logged.multiPut([("a", "2"), ("b", "2"), ("c", "2")], atomic: true).count == 3)
    }

    @Test func aGroupOfChangesIsLoggedWhenItIsFinished() throws {
        let logged = try LoggedStore(segmentBytes: 8 << 20)
        let session = logged.engine.makeSession(on: EmbeddedEventLoop())
        let key = ByteBuffer(string: "k")
        func put() throws {
            _ = try logged.engine.put(
                key.readableBytesSpan, value: key.readableBytesSpan, options: PutOptions(), now: logged.store.now,
                session: session)
        }
        #expect(logged.engine.finishGroup(session: session), "there is none")
        try put()
        #expect(!logged.engine.joinGroup(.synced, session: session))
        #expect(logged.engine.joinGroup(.logged, session: session))
        try put()
        #expect(logged.engine.joinGroup(.logged, session: session))
        #expect(logged.log.loggedLSN < session.lastChange)
        #expect(logged.engine.finishGroup(session: session))
        #expect(logged.log.loggedLSN == session.lastChange)
        #expect(logged.engine.joinGroup(.logged, session: session), "it is logged already")
        try put()
        #expect(logged.engine.joinGroup(.logged, session: session))
        logged.storage.plan(.failure(code: 5), .write)
        #expect(!logged.engine.finishGroup(session: session))
    }

    @Test func aSessionIsToldWhenItsLastChangeHasReachedALevel() throws {
        let logged = try LoggedStore()
        let loop = EmbeddedEventLoop()
        let session = logged.engine.makeSession(on: loop)
        let key = ByteBuffer(string: "k")
        var told: [String] = []
        func put() throws {
            _ = try logged.engine.put(
                key.readableBytesSpan, value: key.readableBytesSpan, options: PutOptions(), now: logged.store.now,
                session: session)
        }
        func wait(_ level: Durability) -> Bool {
            logged.engine.confirm(level, session: session) {
                told.append("\(level) \($0.map { "\($0)" } ?? "reached")")
            }
        }
        try put()
        #expect(!wait(.memory))
        #expect(wait(.logged))
        #expect(wait(.synced))
        logged.log.commit()
        #expect(told == [])
        loop.run()
        logged.log.commit()
        loop.run()
        #expect(told == ["logged reached", "synced reached"])
        #expect(!wait(.synced))
        // A sync that fails leaves those who wait in the dark.
        try put()
        #expect(wait(.synced))
        loop.run()
        logged.storage.plan(.failure(code: 5), .sync)
        logged.log.commit()
        loop.run()
        #expect(told.count == 3)
        #expect(told.last?.contains("failed") == true)
    }

    @Test func anEngineSaysWhatItsLogCanPromise() throws {
        #expect(try LoggedStore().engine.capabilities.durabilities == [.memory, .logged, .synced])
        #expect(MemoryEngine().capabilities.durabilities == [.memory])
    }
}
