//! One connection of a soak: its bytes in both directions, the calls under way on it, and how it will end.

internal import NIOCore
internal import NeedletailRPC

/// How a connection ends when it has made its calls.
enum SoakEnding: String, Codable, CaseIterable, Hashable, Sendable {
    /// All answers are awaited.
    case orderly = "in order"
    /// With a part of a last request sent.
    case inRequest = "in the middle of a request"
    /// With some bytes of an answer read, and the rest left lying.
    case inAnswer = "in the middle of an answer"
    /// By a reset, right after a last request.
    case unanswered = "by a reset, before an answer"
}

/// A call that was sent.
struct SoakCallUnderWay {
    let id: UInt32
    let call: SoakCall
    /// When it was due, and when it was sent.
    let scheduled: SoakTime
    let sent: SoakTime
}

final class SoakConnection {
    private static let queueCapacity = 16_384
    /// The kernel's room for what a slow reader has not read, in bytes (it doubles that).
    private static let slowReceiveRoom: Int32 = 8_192

    let socket: Socket
    let wire: RPCWire
    let isSlow: Bool
    let ending: SoakEnding
    private let incoming = ByteQueue(capacity: queueCapacity)
    let outgoing = ByteQueue(capacity: queueCapacity)
    /// In the order in which they were sent.
    private(set) var calls: [SoakCallUnderWay] = []
    /// Calls that it makes before it ends.
    private(set) var callsLeft: Int
    /// Whether the poller tells when the socket takes bytes again.
    var awaitsRoom = false
    private var nextID: UInt32 = 1

    /// Connects.
    init(_ address: Address, _ wire: RPCWire, isSlow: Bool, callsMax: Int, _ ending: SoakEnding) throws {
        socket = try Socket.connect(to: address)
        self.wire = wire
        self.isSlow = isSlow
        self.ending = ending
        callsLeft = callsMax
        if isSlow { socket.setReceiveRoom(Self.slowReceiveRoom) }
        socket.makeNonBlocking()
    }

    /// Whether it makes no further call.
    var isLeaving: Bool { callsLeft == 0 }

    /// Takes a call on the way; its bytes are sent when the socket takes them.
    /// - Parameter isCounted: whether it is one of the calls after which the connection ends.
    func begin(
        _ call: SoakCall, _ content: SoakContent, scheduled: SoakTime, at now: SoakTime, isCounted: Bool = true
    ) {
        let id = nextID
        nextID &+= 1
        if isCounted { callsLeft -= 1 }
        outgoing.append(bytes(call, id, content).span)
        calls.append(SoakCallUnderWay(id: id, call: call, scheduled: scheduled, sent: now))
    }

    /// Takes the first `share` of a request on the way, and no more of it.
    func beginPart(of call: SoakCall, share: Double, _ content: SoakContent) {
        let bytes = bytes(call, nextID, content)
        let size = min(max(Int(Double(bytes.count) * share), 1), bytes.count - 1)
        outgoing.append(bytes.span.extracting(0..<size))
    }

    private func bytes(_ call: SoakCall, _ id: UInt32, _ content: SoakContent) -> [UInt8] {
        Array(call.encoded(wire, id: id, content).readableBytesView)
    }

    /// Receives once.
    /// - Returns: how many bytes came; 0 if the server has closed the connection; nil if there were none.
    func receive(atMost sizeMax: Int) throws -> Int? {
        try incoming.receive(from: socket, room: min(sizeMax, Self.queueCapacity), atMost: sizeMax)
    }

    /// The next answer that has come whole, without a frame, and its call.
    /// - Throws: `SoakFault` or `MalformedAnswer` where the bytes are no answer, or one to no call.
    func nextAnswer() throws -> (message: ByteBuffer, call: SoakCallUnderWay)? {
        let cut: (start: Int, end: Int, id: UInt32?)? = try incoming.withBytes { bytes throws(MalformedAnswer) in
            if bytes.isEmpty { return nil }
            if wire.format == .messagePack {
                guard let end = try passMessagePackValue(bytes, from: 0) else { return nil }
                var scan = AnswerScan()
                guard try readMessagePackHead(bytes, &scan) else { return nil }
                return (0, end, scan.id)
            }
            guard bytes.count >= 4 else { return nil }
            let end = 4 + Int(bytes.loadUInt32(at: 0))
            return bytes.count < end ? nil : (4, end, nil)
        }
        guard let cut else { return nil }
        let message = incoming.withBytes { ByteBuffer(bytes: $0.array(cut.start..<cut.end)) }
        incoming.consume(cut.end)
        // Thrift's answers keep the order of the calls.
        let answered = if let id = cut.id { calls.firstIndex { $0.id == id } } else { calls.indices.first }
        guard let position = answered else {
            throw SoakFault(kind: .malformed, detail: "an answer to no call: \(text(message.readableBytesView))")
        }
        return (message, calls.remove(at: position))
    }

    /// Closes it.
    /// - Returns: the calls that nobody will hear of.
    func close(resetting: Bool = false) -> [SoakCallUnderWay] {
        if resetting { socket.resetOnClose() }
        socket.closeDescriptor()
        defer { calls = [] }
        return calls
    }
}
