//! Short words for pipelines of late and immediate calls: "h3" is the call of `hold` with id 3, "e4" that of `echo` with
//! id 4, "t5" that of `tell`; each says its word, and is answered with it.

import NIOCore
import NIOEmbedded
import NeedletailWire
import Timing

@testable import NeedletailRPC

/// A call, or an answer, as a script names it.
struct ScriptedCall {
    let word: String
    let note: Note
    let id: UInt32

    /// - Parameter padding: so many bytes more.
    init(_ word: String, padding: Int = 0) {
        self.word = word
        note = Note(word + String(repeating: ".", count: padding))
        id = UInt32(word.dropFirst()) ?? 0
    }

    func message(_ wire: RPCWire) -> ByteBuffer {
        switch word.first {
        case "h": encodeCall(wire, id: id, Hold.self, One(note))
        case "t": encodeCall(wire, id: id, Tell.self, One(note))
        default: encodeCall(wire, id: id, Echo.self, One(note))
        }
    }

    /// - Parameter draining: the server stops, which headers say.
    func answer(_ wire: RPCWire, draining: Bool = false) -> ByteBuffer {
        switch word.first {
        case "h": framed(encoded(Hold.self, wire), wire, draining)
        case "t": ByteBuffer()
        default: framed(encoded(Echo.self, wire), wire, draining)
        }
    }

    private func encoded<Method: RPCMethod>(_ method: Method.Type, _ wire: RPCWire) -> ByteBuffer
    where Method.Result == Note {
        let zero = MonotonicTime(nanoseconds: 0)
        return Call<Method>(
            head: AnswerHead(id: id, method: Method.name, keys: .names),
            times: CallTimes(arrival: zero, start: zero), format: wire.format
        ).encoded(note)
    }

    private func framed(_ message: ByteBuffer, _ wire: RPCWire, _ draining: Bool) -> ByteBuffer {
        if let kind = ThriftHeader.Kind(wire.framing), let encoding = ThriftHeader.Encoding(wire.format) {
            let header = ThriftHeader(
                kind, sequenceID: Int32(id), flags: kind == .theader ? 1 : 0, encoding: encoding)
            return headed(message, header, draining: draining)
        }
        guard wire.framing == .framed else { return message }
        var frame = ByteBuffer(integer: UInt32(message.readableBytes))
        frame.writeImmutableBuffer(message)
        return frame
    }
}

/// Calls, one after another.
func calls(_ wire: RPCWire, _ words: [String], padding: Int = 0) -> ByteBuffer {
    words.reduce(into: ByteBuffer()) { $0.writeImmutableBuffer(ScriptedCall($1, padding: padding).message(wire)) }
}

/// Their answers, one after another.
func answers(_ wire: RPCWire, _ words: [String], padding: Int = 0, draining: Bool = false) -> ByteBuffer {
    words.reduce(into: ByteBuffer()) {
        $0.writeImmutableBuffer(ScriptedCall($1, padding: padding).answer(wire, draining: draining))
    }
}

/// A message behind a header.
func headed(_ message: ByteBuffer, _ header: ThriftHeader, draining: Bool = false) -> ByteBuffer {
    var writer = ByteWriter(into: ByteBuffer())
    let mark = writer.begin(header, draining ? ThriftHeaderInfo(strings: [.init("crrst", "1")]) : ThriftHeaderInfo())
    writer.store(message)
    writer.end(mark)
    return writer.finish()
}

/// `first` and the words that follow it, with numbers counted on: `words("h", 1...3)` is h1, h2, h3.
func words(_ letter: String, _ numbers: some Sequence<Int>) -> [String] { numbers.map { "\(letter)\($0)" } }

/// A request, sent as a notification: the client wants no answer. (The first call of a MessagePack connection has an id
/// of one byte.)
func oneway(_ wire: RPCWire, _ word: String) -> ByteBuffer {
    var message = ScriptedCall(word).message(wire)
    // What stands before the message.
    let start = message.readableBytes - ScriptedCall(word).message(RPCWire(wire.format)).readableBytes
    switch wire.format {
    case .messagePack:
        let rest = message.getSlice(at: 3, length: message.readableBytes - 3) ?? ByteBuffer()
        message = ByteBuffer(bytes: [0x93, 0x02])
        message.writeImmutableBuffer(rest)
    case .thriftBinary: message.setInteger(4 as UInt8, at: start + 3)
    case .thriftCompact: message.setInteger(4 << 5 | 1 as UInt8, at: start + 1)
    }
    return message
}

extension TestConnection {
    func handler() throws -> RPCConnection {
        try channel.pipeline.syncOperations.handler(type: RPCConnection.self)
    }

    /// The client ends its side.
    func endInput() { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }

    /// Gives answers in this order, within one tick, and returns what leaves.
    func answering(_ words: String...) throws -> ByteBuffer { try answering(words) }

    func answering(_ words: [String]) throws -> ByteBuffer {
        for word in words { service.answer(word) }
        return try received()
    }

    func advance(_ time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}
