internal import Foundation
internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire

extension Checks {
    mutating func checkMethods(_ client: IdentifiersClient) async {
        await check("several") {
            let sent = Several(
                flag: true, tiny: -8, small: -16, medium: -32, large: -64, real: 0.5, text: "text",
                bytes: Values.bytes(3), texts: CrosstestConstants.texts, names: [1: "one", -1: "minus one"],
                numbers: Set(CrosstestConstants.longs), point: Point(x: 3, y: 4), choice: .number(9),
                color: .ultraViolet)
            let got = try await client.several(
                flag: sent.flag, tiny: sent.tiny, small: sent.small, medium: sent.medium, large: sent.large,
                real: sent.real, text: sent.text, bytes: sent.bytes, texts: sent.texts, names: sent.names,
                numbers: sent.numbers, point: Point(x: 3, y: 4), choice: .number(9), color: .ultraViolet)
            try same(got, sent)
        }
        await check("inherited-struct") { try await echo([Point(x: -5, y: 5)]) { try await client.echoPoint($0) } }
        await check("inherited-exception") {
            try await client.complain(really: false)
            try await throwing(Values.trouble) { () async throws(CallFailure<Trouble>) in
                try await client.complain(really: true)
            }
        }
        await check("exceptions") {
            try same(try await client.decide(outcome: .answer), 42)
            let failures: [(Outcome, CrossTestMethods.Decide.Failure)] = [
                (.refusal, .refusal(Values.refusal)), (.trouble, .trouble(Values.trouble)),
                (.silence, .silence(Silence())),
            ]
            for (outcome, failure) in failures {
                try await throwing(failure) { () async throws(CallFailure<CrossTestMethods.Decide.Failure>) in
                    _ = try await client.decide(outcome: outcome)
                }
            }
        }
        await check("exceptions-of-void") {
            try await client.decideQuietly(outcome: .answer)
            let failures: [(Outcome, CrossTestMethods.DecideQuietly.Failure)] = [
                (.refusal, .refusal(Values.refusal)), (.trouble, .trouble(Values.trouble)),
                (.silence, .silence(Silence())),
            ]
            for (outcome, failure) in failures {
                try await throwing(failure) { () async throws(CallFailure<CrossTestMethods.DecideQuietly.Failure>) in
                    try await client.decideQuietly(outcome: outcome)
                }
            }
        }
        if serverHas.contains("undeclared") {
            await check("exception-undeclared") {
                let reason = try await fails { () async throws(CallFailure<Never>) in
                    _ = try await client.breakDown()
                }
                guard case .refused = reason else { throw reason }
                try same(try await client.ping(), "pong")
            }
        }
        await checkOneway(client)
        await check("many-calls") { try await echo(Array(0..<300)) { try await client.echoInt(value: $0) } }
    }

    private mutating func checkOneway(_ client: IdentifiersClient) async {
        let token = "swift \(ProcessInfo.processInfo.processIdentifier)"
        await check("oneway") {
            for number in 1...Int32(20) {
                try await client.notePoint(token: token, point: Point(x: number * 1_000, y: -1))
            }
            try same(try await Self.waitForNotes(client, token, 20), (1...20).map { $0 * 1_000 - 1 })
        }
        await check("oneway-inherited") {
            try await client.note(token: token + " base", number: -1)
            try await client.note(token: token + " base", number: 1)
            try same(try await Self.waitForNotes(client, token + " base", 2), [-1, 1])
        }
    }

    private static func waitForNotes(
        _ client: IdentifiersClient, _ token: String, _ count: Int
    ) async throws -> [Int32] {
        var notes: [Int32] = []
        for attempt in 0..<200 where notes.count < count {
            if attempt > 0 { try await Task.sleep(for: .milliseconds(10)) }
            notes = try await client.notes(token: token)
        }
        return notes.sorted()
    }

    mutating func checkVersions(_ client: LaterClient) async {
        // In Thrift a field that has another type is passed over; in MessagePack it is an error.
        let isMessagePack = isMessagePack
        let retyped = !isMessagePack
        await check("newer-to-older") {
            let got = try await client.readAsFirst(
                record: Values.secondRecord(retyped: retyped), hint: "an argument that the server does not know")
            try same(got, Values.secondRecordAsFirst)
        }
        await check("older-to-newer") {
            let got = try await client.readAsSecond(Values.firstRecord(retyped: retyped))
            try same(got, Values.firstRecord(retyped: false))
        }
        // In MessagePack an exception is named where its method declares several: these versions do not agree on that.
        if !isMessagePack {
            await check("exception-of-another-version") {
                try await throwing(LaterRefusal(code: -3, message: Values.refusal.message)) {
                    () async throws(CallFailure<LaterRefusal>) in
                    _ = try await client.decide(outcome: .refusal)
                }
            }
            await check("exception-not-declared") {
                try await fails { () async throws(CallFailure<LaterRefusal>) in
                    _ = try await client.decide(outcome: .trouble)
                }
                try same(try await client.decide(outcome: .answer), 42)
            }
        }
        await check("method-not-there") {
            let reason = try await fails { () async throws(CallFailure<Never>) in
                _ = try await client.notThere(value: Values.longText)
            }
            guard case .refused(let exception) = reason else { throw reason }
            // MessagePack-RPC has no numbers for errors.
            try same(exception.kind, isMessagePack ? .unknown : .unknownMethod)
            try same(try await client.decide(outcome: .answer), 42)
        }
    }
}
