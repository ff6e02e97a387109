//! What must hold for a connection, whatever bytes come:
//!
//! - the answers are the same whole, byte by byte and in pieces, and so is whether the connection goes on after them;
//! - every answer is one of the connection's protocol, within the limit of an answer's size;
//! - what is held meanwhile stays below its bound (`FuzzConnection.send` looks after every piece).

import NIOCore
import StorageAPI

@testable import NeedletailRPC

struct ConnectionOracle {
    /// Where the pieces of a stream end.
    private enum Delivery {
        case whole
        case byteByByte
        case inPieces
    }

    private struct Outcome {
        /// All that came back.
        var bytes = ByteBuffer()
        /// The same, read.
        var answers: [Answer] = []
        /// Whether a call after the input is answered.
        var isServing = false
    }

    private let input: [UInt8]
    private let preface: [UInt8]

    /// - Parameter preface: a call in front of the input, which settles the protocol; empty to leave it to the input.
    init(_ input: [UInt8], preface: [UInt8] = []) {
        self.input = input
        self.preface = preface
    }

    func check() throws {
        let expected = try run(.whole)
        if input.count < 2 { return }
        for delivery in [Delivery.byteByByte, .inPieces] {
            let outcome = try run(delivery)
            if outcome.bytes == expected.bytes, outcome.isServing == expected.isServing { continue }
            // A message that never ends well may be refused, as it comes, for another of its faults than when it is all
            // there. It is refused by name both times, and the connection ends both times.
            if !outcome.isServing, !expected.isServing,
                Answer.areSameButForTheLastReason(outcome.answers, expected.answers)
            {
                continue
            }
            throw OracleFailure("\(delivery): \(outcome); whole: \(expected)")
        }
    }

    private func run(_ delivery: Delivery) throws -> Outcome {
        let connection = try FuzzConnection()
        var outcome = Outcome()
        if !preface.isEmpty { _ = try connection.send(preface[...]) }
        var rest = input[...]
        var random = SeededGenerator(hashOf: input)
        while !rest.isEmpty {
            let count =
                switch delivery {
                case .whole: rest.count
                case .byteByByte: 1
                case .inPieces: min(rest.count, 1 + random.below(1 + random.below(64)))
                }
            outcome.bytes.writeImmutableBuffer(try connection.send(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        if let wire = connection.wire {
            let probe = encodeCall(wire, id: 2, StorageMethods.Ping.self, .init())
            let answer = try connection.send(Array(probe.readableBytesView)[...])
            outcome.isServing = answer.readableBytes > 0
            outcome.bytes.writeImmutableBuffer(answer)
            outcome.answers = try Answer.readAll(outcome.bytes, wire)
        } else if outcome.bytes.readableBytes > 0 {
            throw OracleFailure("\(outcome.bytes.readableBytes) bytes in answer to no protocol")
        }
        try connection.close()
        return outcome
    }
}
