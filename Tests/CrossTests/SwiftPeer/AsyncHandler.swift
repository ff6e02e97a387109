//! The server's side as async functions.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire

struct AsyncHandler: IdentifiersAsyncHandler {
    let notes: Notes

    // MARK: shared.Root and shared.Base

    func ping(_ context: CallContext) async -> String { "pong" }
    func nothing(_ context: CallContext) async {}
    func echoPoint(_ value: Point, _ context: CallContext) async -> Point { value }
    func complain(really: Bool, _ context: CallContext) async throws(Trouble) { if really { throw Values.trouble } }
    func note(token: String, number: Int32, _ context: CallContext) async { notes.add(number, to: token) }
    func notes(token: String, _ context: CallContext) async -> [Int32] { notes.of(token) }

    // MARK: CrossTest

    func echoBool(value: Bool, _ context: CallContext) async -> Bool { value }
    func echoByte(value: Int8, _ context: CallContext) async -> Int8 { value }
    func echoShort(value: Int16, _ context: CallContext) async -> Int16 { value }
    func echoInt(value: Int32, _ context: CallContext) async -> Int32 { value }
    func echoLong(value: Int64, _ context: CallContext) async -> Int64 { value }
    func echoDouble(value: Double, _ context: CallContext) async -> Double { value }
    func echoString(value: String, _ context: CallContext) async -> String { value }
    func echoBinary(value: ByteBuffer, _ context: CallContext) async -> ByteBuffer { value }
    func echoColor(value: Paint, _ context: CallContext) async -> Paint { value }
    func echoMoment(value: Moment, _ context: CallContext) async -> Moment { value }
    func echoFlags(value: [Bool], _ context: CallContext) async -> [Bool] { value }
    func echoLongs(value: [Int64], _ context: CallContext) async -> [Int64] { value }
    func echoBlobs(value: BinaryList, _ context: CallContext) async -> BinaryList { value }
    func echoWords(value: Set<String>, _ context: CallContext) async -> Set<String> { value }
    func echoTable(value: [String: Int32], _ context: CallContext) async -> [String: Int32] { value }
    func echoKeyed(value: [Point: [Choice]], _ context: CallContext) async -> [Point: [Choice]] { value }
    func echoDeep(
        value: [Int32: [[String: Set<Int64>]]], _ context: CallContext
    ) async -> [Int32: [[String: Set<Int64>]]] { value }

    func echoEmpty(_ value: Empty, _ context: CallContext) async -> Empty { value }
    func echoBooleans(_ value: Booleans, _ context: CallContext) async -> Booleans { value }
    func echoChoice(value: Choice, _ context: CallContext) async -> Choice { value }
    func echoTree(_ value: Tree, _ context: CallContext) async -> Tree { value }
    func echoChain(_ value: Chain, _ context: CallContext) async -> Chain { value }
    func echoFolder(_ value: Folder, _ context: CallContext) async -> Folder { value }
    func echoGaps(_ value: Gaps, _ context: CallContext) async -> Gaps { value }
    func echoImplicit(_ value: Implicit, _ context: CallContext) async -> Implicit { value }
    func echoRequiredness(_ value: Requiredness, _ context: CallContext) async -> Requiredness { value }
    func echoNames(_ value: Names, _ context: CallContext) async -> Names { value }
    func echoEverything(_ value: Everything, _ context: CallContext) async -> Everything { value }

    func everything(_ context: CallContext) async -> Everything { CrosstestConstants.everything }
    func isEverything(_ value: Everything, _ context: CallContext) async -> Bool { value == Values.everythingAndTables }
    func defaults(_ context: CallContext) async -> Defaults { Defaults() }
    func areDefaults(_ value: Defaults, _ context: CallContext) async -> Bool { value == Defaults() }
    func echoDefaults(_ value: Defaults, _ context: CallContext) async -> Defaults { value }

    func several(
        flag: Bool, tiny: Int8, small: Int16, medium: Int32, large: Int64, real: Double, text: String,
        bytes: ByteBuffer, texts: [String], names: [Int32: String], numbers: Set<Int64>, point: Point, choice: Choice,
        color: Paint, _ context: CallContext
    ) async -> Several {
        Several(
            flag: flag, tiny: tiny, small: small, medium: medium, large: large, real: real, text: text, bytes: bytes,
            texts: texts, names: names, numbers: numbers, point: point, choice: choice, color: color)
    }

    func decide(
        outcome: Outcome, _ context: CallContext
    ) async throws(CrossTestMethods.Decide.Failure) -> Int32 {
        switch outcome {
        case .refusal: throw .refusal(Values.refusal)
        case .trouble: throw .trouble(Values.trouble)
        case .silence: throw .silence(Silence())
        case .answer, .unrecognized: 42
        }
    }

    func decideQuietly(
        outcome: Outcome, _ context: CallContext
    ) async throws(CrossTestMethods.DecideQuietly.Failure) {
        switch outcome {
        case .refusal: throw .refusal(Values.refusal)
        case .trouble: throw .trouble(Values.trouble)
        case .silence: throw .silence(Silence())
        case .answer, .unrecognized: break
        }
    }

    // It cannot fail with what it does not declare: clients that know that do not call it.
    func breakDown(_ context: CallContext) async -> String { "still here" }

    func notePoint(token: String, point: Point, _ context: CallContext) async {
        notes.add(point.x + point.y, to: token)
    }

    func readAsFirst(_ record: FirstRecord, _ context: CallContext) async -> FirstRecord { record }
    func readAsSecond(_ record: SecondRecord, _ context: CallContext) async -> SecondRecord { record }

    // MARK: Identifiers

    func echoUUID(value: WireUUID, _ context: CallContext) async -> WireUUID { value }
    func echoIdentified(_ value: Identified, _ context: CallContext) async -> Identified { value }
}
