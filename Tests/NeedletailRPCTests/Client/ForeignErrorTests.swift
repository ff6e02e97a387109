//! What servers other than ours answer instead of a result: MessagePack-RPC leaves an error's form to them.

import NIOCore
import NeedletailWire
import Testing

@testable import NeedletailRPC

@Suite struct ForeignErrorTests {
    private static func text(_ text: String) -> [UInt8] { [0xa0 | UInt8(text.utf8.count)] + Array(text.utf8) }

    private static func joined(_ pieces: [UInt8]...) -> [UInt8] { Array(pieces.joined()) }

    private static let unknownForm = "an error of an unknown form"

    /// Errors, and what they say.
    private static let errors: [([UInt8], String)] = [
        (text("no such thing"), "no such thing"),
        ([0xd9, 2, 0x6e, 0x6f], "no"),
        ([0xc4, 2, 0x6e, 0x6f], "no"),
        ([0xa2, 0x6e, 0xff], "n\u{fffd}"),
        (joined([0x92, 7], text("seven")), "seven"),
        (joined([0x93], text("Kind"), text("why"), [0x91, 1]), "why"),
        (joined([0xdc, 0, 1], text("long")), "long"),
        ([0x90], unknownForm),
        ([0x91, 0x81, 1, 2], unknownForm),
        ([0x80], unknownForm),
        (joined([0x81], text("other"), text("else")), unknownForm),
        (joined([0x81], text("message"), text("why")), "why"),
        (joined([0x81], text("message"), [5]), unknownForm),
        ([7], unknownForm),
        ([0xc3], unknownForm),
        ([0xcb, 0, 0, 0, 0, 0, 0, 0, 0], unknownForm),
        ([0xd4, 1, 2], unknownForm),
    ]

    private func answer(_ error: [UInt8]) -> ByteBuffer { ByteBuffer(bytes: [0x94, 1, 1] + error + [0xc0]) }

    @Test(arguments: errors) func anErrorOfAnyFormIsARefusal(_ error: [UInt8], _ message: String) throws {
        let refusal = RPCClientError.refused(ApplicationException(.unknown, message))
        // A method without exceptions, and one with several.
        #expect(throws: CallFailure<Never>.call(refusal)) {
            try decodeAnswer(answer(error), .messagePack, Sum.self)
        }
        #expect(throws: CallFailure<Fail.Failure>.call(refusal)) {
            try decodeAnswer(answer(error), .messagePack, Fail.self)
        }
    }

    /// With one exception, what is no map is none.
    @Test func anErrorThatIsNoMapIsNotTheOnlyException() throws {
        let failure = CallFailure<NoteError>.call(.refused(ApplicationException(.unknown, "why")))
        #expect(throws: failure) { try decodeAnswer(answer(Self.text("why")), .messagePack, Echo.self) }
        #expect(throws: failure) { try decodeAnswer(answer([0x92, 7] + Self.text("why")), .messagePack, Echo.self) }
    }

    @Test(arguments: [[0xa5, 0x61], [0x92, 1], [0x81], [0xdc, 0]] as [[UInt8]])
    func anErrorThatEndsEarlyIsUndecodable(_ error: [UInt8]) throws {
        let answer = ByteBuffer(bytes: [0x94, 1, 1] + error)
        #expect(throws: CallFailure<Never>.call(.undecodable(.truncated))) {
            try decodeAnswer(answer, .messagePack, Sum.self)
        }
    }
}
