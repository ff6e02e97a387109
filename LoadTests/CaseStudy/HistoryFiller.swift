//! Stores the owners' histories through the service's own write path: a setData for each owner, some of them under way at
//! a time.

internal import NIOCore
internal import NeedletailRPC
internal import StorageAPI

enum HistoryFiller {
    /// Calls under way. Each writes its periods one after the other, so that several keep the server busy.
    private static let inFlightMax = 8
    /// Events of one call; the service takes at most `limits.maxKeysPerRequest`.
    static let eventsMax = 10_000
    private static let answerSecondsMax = 30
    private static let receiveSize = 65_536

    /// - Throws: if an answer is an error, or does not say that all events were written.
    static func fill(_ address: Address, _ owners: KeySpace, _ history: EventHistory) throws {
        let socket = try Socket.connect(to: address)
        defer { socket.closeDescriptor() }
        socket.setTimeout(seconds: answerSecondsMax)
        let outgoing = ByteQueue(capacity: receiveSize)
        let incoming = ByteQueue(capacity: receiveSize)
        var asked = 0
        var answered = 0
        while answered < owners.count {
            try Interruption.check()
            while asked < owners.count, asked - answered < inFlightMax {
                let owner = UInt32(asked)
                let request = SetDataRequest(
                    owner: ByteBuffer(bytes: owners.key(owner)), events: history.events(ofOwner: owner))
                let call = encodeCall(
                    RPCWire(.messagePack), id: owner, HistoryMethods.SetData.self, .init(request: request))
                outgoing.append(Array(call.readableBytesView).span)
                asked += 1
            }
            guard try outgoing.send(to: socket) else { throw ServerError("a setData was not taken in time") }
            guard let count = try incoming.receive(from: socket, room: receiveSize), count > 0 else {
                throw ServerError("a setData was not answered")
            }
            while let end = try incoming.withBytes({ try passMessagePackValue($0, from: 0) }) {
                let answer = incoming.withBytes { $0.array(0..<end) }
                incoming.consume(end)
                let response = try decodeAnswer(ByteBuffer(bytes: answer), .messagePack, HistoryMethods.SetData.self)
                guard Int(response.written) == history.eventsPerOwner else {
                    throw WrongAnswer("a setData wrote \(response.written) of \(history.eventsPerOwner) events")
                }
                answered += 1
            }
            Console.progress("writing histories: \(grouped(answered)) of \(grouped(owners.count)) owners")
        }
        Console.endProgress()
    }
}
