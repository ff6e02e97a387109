//! The server's side on the connection's event loop: arguments are lent by the message, answers go straight into the
//! connection's output.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire

final class SyncHandler: IdentifiersHandler, RPCService {
    let notes: Notes

    init(notes: Notes) { self.notes = notes }
}

// MARK: - shared.Root and shared.Base

extension SyncHandler {
    func ping(_ call: Call<RootMethods.Ping>, _ writer: inout some MessageWriter & ~Copyable) -> Reply {
        call.answer("pong", &writer)
    }

    func nothing(_ call: Call<RootMethods.Nothing>, _ writer: inout some MessageWriter & ~Copyable) -> Reply {
        call.answer(&writer)
    }

    func echoPoint(
        _ value: borrowing Point.View, _ call: Call<BaseMethods.EchoPoint>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Point(copying: value), &writer) }

    func complain(
        really: Bool, _ call: Call<BaseMethods.Complain>, _ writer: inout some MessageWriter & ~Copyable
    ) throws(Trouble) -> Reply {
        if really { throw Values.trouble }
        return call.answer(&writer)
    }

    func note(token: UTF8Span, number: Int32, _ times: CallTimes) { notes.add(number, to: String(copying: token)) }

    func notes(
        token: UTF8Span, _ call: Call<BaseMethods.Notes>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(notes.of(String(copying: token)), &writer) }
}

// MARK: - CrossTest: single values and containers

extension SyncHandler {
    func echoBool(
        value: Bool, _ call: Call<CrossTestMethods.EchoBool>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoByte(
        value: Int8, _ call: Call<CrossTestMethods.EchoByte>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoShort(
        value: Int16, _ call: Call<CrossTestMethods.EchoShort>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoInt(
        value: Int32, _ call: Call<CrossTestMethods.EchoInt>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoLong(
        value: Int64, _ call: Call<CrossTestMethods.EchoLong>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoDouble(
        value: Double, _ call: Call<CrossTestMethods.EchoDouble>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoString(
        value: UTF8Span, _ call: Call<CrossTestMethods.EchoString>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(String(copying: value), &writer) }

    func echoBinary(
        value: RawSpan, _ call: Call<CrossTestMethods.EchoBinary>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(ByteBuffer(copying: value), &writer) }

    func echoColor(
        value: Paint, _ call: Call<CrossTestMethods.EchoColor>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoMoment(
        value: Moment, _ call: Call<CrossTestMethods.EchoMoment>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoFlags(
        value: [Bool], _ call: Call<CrossTestMethods.EchoFlags>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoLongs(
        value: [Int64], _ call: Call<CrossTestMethods.EchoLongs>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoBlobs(
        value: BinaryList, _ call: Call<CrossTestMethods.EchoBlobs>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoWords(
        value: Set<String>, _ call: Call<CrossTestMethods.EchoWords>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoTable(
        value: [String: Int32], _ call: Call<CrossTestMethods.EchoTable>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoKeyed(
        value: [Point: [Choice]], _ call: Call<CrossTestMethods.EchoKeyed>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoDeep(
        value: [Int32: [[String: Set<Int64>]]], _ call: Call<CrossTestMethods.EchoDeep>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }
}

// MARK: - CrossTest: structs

extension SyncHandler {
    func echoEmpty(
        _ value: borrowing Empty.View, _ call: Call<CrossTestMethods.EchoEmpty>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Empty(copying: value), &writer) }

    func echoBooleans(
        _ value: borrowing Booleans.View, _ call: Call<CrossTestMethods.EchoBooleans>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Booleans(copying: value), &writer) }

    func echoChoice(
        value: Choice, _ call: Call<CrossTestMethods.EchoChoice>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoTree(
        _ value: borrowing Tree.View, _ call: Call<CrossTestMethods.EchoTree>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Tree(copying: value), &writer) }

    func echoChain(
        _ value: borrowing Chain.View, _ call: Call<CrossTestMethods.EchoChain>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Chain(copying: value), &writer) }

    func echoFolder(
        _ value: borrowing Folder.View, _ call: Call<CrossTestMethods.EchoFolder>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Folder(copying: value), &writer) }

    func echoGaps(
        _ value: borrowing Gaps.View, _ call: Call<CrossTestMethods.EchoGaps>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Gaps(copying: value), &writer) }

    func echoImplicit(
        _ value: borrowing Implicit.View, _ call: Call<CrossTestMethods.EchoImplicit>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Implicit(copying: value), &writer) }

    func echoRequiredness(
        _ value: borrowing Requiredness.View, _ call: Call<CrossTestMethods.EchoRequiredness>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Requiredness(copying: value), &writer) }

    func echoNames(
        _ value: borrowing Names.View, _ call: Call<CrossTestMethods.EchoNames>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Names(copying: value), &writer) }

    func echoEverything(
        _ value: borrowing Everything.View, _ call: Call<CrossTestMethods.EchoEverything>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Everything(copying: value), &writer) }

    func everything(
        _ call: Call<CrossTestMethods.Everything_>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(CrosstestConstants.everything, &writer) }

    func isEverything(
        _ value: borrowing Everything.View, _ call: Call<CrossTestMethods.IsEverything>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Everything(copying: value) == Values.everythingAndTables, &writer) }

    func defaults(
        _ call: Call<CrossTestMethods.Defaults_>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Defaults(), &writer) }

    func areDefaults(
        _ value: borrowing Defaults.View, _ call: Call<CrossTestMethods.AreDefaults>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Defaults(copying: value) == Defaults(), &writer) }

    func echoDefaults(
        _ value: borrowing Defaults.View, _ call: Call<CrossTestMethods.EchoDefaults>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Defaults(copying: value), &writer) }

    func readAsFirst(
        _ record: borrowing FirstRecord.View, _ call: Call<CrossTestMethods.ReadAsFirst>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(FirstRecord(copying: record), &writer) }

    func readAsSecond(
        _ record: borrowing SecondRecord.View, _ call: Call<CrossTestMethods.ReadAsSecond>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(SecondRecord(copying: record), &writer) }
}

// MARK: - CrossTest: methods

extension SyncHandler {
    func several(
        flag: Bool, tiny: Int8, small: Int16, medium: Int32, large: Int64, real: Double, text: UTF8Span,
        bytes: RawSpan, texts: [String], names: [Int32: String], numbers: Set<Int64>, point: borrowing Point.View,
        choice: Choice, color: Paint, _ call: Call<CrossTestMethods.Several_>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply {
        let answer = Several(
            flag: flag, tiny: tiny, small: small, medium: medium, large: large, real: real,
            text: String(copying: text), bytes: ByteBuffer(copying: bytes), texts: texts, names: names,
            numbers: numbers, point: Point(copying: point), choice: choice, color: color)
        return call.answer(answer, &writer)
    }

    func decide(
        outcome: Outcome, _ call: Call<CrossTestMethods.Decide>, _ writer: inout some MessageWriter & ~Copyable
    ) throws(CrossTestMethods.Decide.Failure) -> Reply {
        switch outcome {
        case .refusal: throw .refusal(Values.refusal)
        case .trouble: throw .trouble(Values.trouble)
        case .silence: throw .silence(Silence())
        case .answer, .unrecognized: call.answer(42, &writer)
        }
    }

    func decideQuietly(
        outcome: Outcome, _ call: Call<CrossTestMethods.DecideQuietly>,
        _ writer: inout some MessageWriter & ~Copyable
    ) throws(CrossTestMethods.DecideQuietly.Failure) -> Reply {
        switch outcome {
        case .refusal: throw .refusal(Values.refusal)
        case .trouble: throw .trouble(Values.trouble)
        case .silence: throw .silence(Silence())
        case .answer, .unrecognized: call.answer(&writer)
        }
    }

    // It cannot fail with what it does not declare: clients that know that do not call it.
    func breakDown(
        _ call: Call<CrossTestMethods.BreakDown>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer("still here", &writer) }

    func notePoint(token: UTF8Span, point: borrowing Point.View, _ times: CallTimes) {
        notes.add(point.x + point.y, to: String(copying: token))
    }

    func echoUUID(
        value: WireUUID, _ call: Call<IdentifiersMethods.EchoUUID>, _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(value, &writer) }

    func echoIdentified(
        _ value: borrowing Identified.View, _ call: Call<IdentifiersMethods.EchoIdentified>,
        _ writer: inout some MessageWriter & ~Copyable
    ) -> Reply { call.answer(Identified(copying: value), &writer) }
}
