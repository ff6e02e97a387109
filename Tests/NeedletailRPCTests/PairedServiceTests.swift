//! Two services behind one port: which of them a call reaches, and under which number it is counted.

import NIOCore
import NeedletailWire
import Testing
import Timing

@testable import NeedletailRPC

struct PairedServiceTests {
    /// Knows one method, and what became of calls.
    private final class OneMethod<Name: MethodName>: RPCService {
        var answers: [Int] = []
        var cancels: [Int] = []
        var refusals = 0
        var served = 0
        /// How many calls each group had when it ended.
        var groups: [Int] = []
        var groupsSucceed = true

        static var methodNames: [String] { ["before", Name.name] }

        @_lifetime(reader: copy reader)
        private func serve<Reader: MessageReader & ~Copyable & ~Escapable>(
            _ head: borrowing CallHead, _ reader: inout Reader
        ) throws(CallRefusal) -> CallOutcome {
            guard head.method.printable == Name.name else { throw head.unknownMethod }
            do throws(WireError) { try reader.skipArguments() } catch { throw .undecodable(error) }
            served += 1
            return .answered(1)
        }

        @_lifetime(reader: copy reader)
        func call(
            _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
            _ writer: inout MessagePackWriter
        ) throws(CallRefusal) -> CallOutcome { try serve(head, &reader) }

        @_lifetime(reader: copy reader)
        func call(
            _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
            _ writer: inout ThriftBinaryWriter
        ) throws(CallRefusal) -> CallOutcome { try serve(head, &reader) }

        @_lifetime(reader: copy reader)
        func call(
            _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
            _ writer: inout ThriftCompactWriter
        ) throws(CallRefusal) -> CallOutcome { try serve(head, &reader) }

        func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) { answers.append(method) }
        func cancelled(_ method: Int, _ format: RPCFormat) { cancels.append(method) }
        func refused(_ refusal: CallRefusal, _ format: RPCFormat) { refusals += 1 }

        func finishGroup() -> Bool {
            groups.append(served)
            return groupsSucceed
        }
    }

    private let first = OneMethod<First>()
    private let second = OneMethod<Second>()

    /// The number of the method that answered.
    private func call(_ method: StaticString) throws -> Int { try call(method, of: PairedService(first, second)) }

    private func call(
        _ method: StaticString, of pair: PairedService<OneMethod<First>, OneMethod<Second>>
    ) throws -> Int {
        var message = MessagePackWriter(ByteWriter(into: ByteBuffer()))
        message.beginCall(1, method, isOneway: false)
        _ = message.beginArguments(count: 0)
        let bytes = message.finish().finish()
        var reader = MessagePackReader(bytes)
        var writer = MessagePackWriter(ByteWriter(into: ByteBuffer()))
        let now = MonotonicTime(nanoseconds: 0)
        let outcome = try pair.call(
            CallHead(try reader.readEnvelope()), CallTimes(arrival: now, start: now), &reader, &writer)
        guard case .answered(let number) = outcome else { return -1 }
        return number
    }

    @Test func aCallGoesToTheServiceThatHasItsMethod() throws {
        #expect(PairedService<OneMethod<First>, OneMethod<Second>>.methodNames == ["before", "one", "before", "two"])
        #expect(try call("one") == 1)
        #expect(try call("two") == 3)
        #expect(first.served == 1 && second.served == 1)
        #expect(throws: CallRefusal.unknownMethod("three")) { try call("three") }
    }

    @Test func aGroupOfTheFirstEndsBeforeACallOfTheSecond() throws {
        let pair = PairedService(first, second)
        _ = try call("one", of: pair)
        #expect(first.groups == [])
        _ = try call("two", of: pair)
        #expect(first.groups == [1] && second.groups == [], "others may wait for it while the second is at work")
        #expect(pair.finishGroup())
        #expect(first.groups == [1, 1] && second.groups == [1])
    }

    @Test func aGroupThatFailedBeforeACallOfTheSecondHasFailed() throws {
        let pair = PairedService(first, second)
        _ = try call("one", of: pair)
        first.groupsSucceed = false
        _ = try call("two", of: pair)
        first.groupsSucceed = true
        #expect(!pair.finishGroup())
        #expect(pair.finishGroup(), "the next one is another")
    }

    @Test func eachServiceIsToldOfItsCallsByItsNumbers() {
        let pair = PairedService(first, second)
        pair.answered(1, .messagePack, threw: nil)
        pair.answered(2, .messagePack, threw: nil)
        pair.cancelled(0, .messagePack)
        pair.cancelled(3, .messagePack)
        pair.refused(.unknownMethod("three"), .messagePack)
        #expect(first.answers == [1] && second.answers == [0])
        #expect(first.cancels == [0] && second.cancels == [1])
        #expect(first.refusals == 1 && second.refusals == 0)
    }
}

private protocol MethodName { static var name: String { get } }
private enum First: MethodName { static var name: String { "one" } }
private enum Second: MethodName { static var name: String { "two" } }
