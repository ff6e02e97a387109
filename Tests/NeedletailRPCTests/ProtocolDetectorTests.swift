//! The protocol table of the RPC port, row by row, each fed byte by byte.

import NIOCore
import NeedletailWire
import Testing

@testable import NeedletailRPC

/// First bytes, what they mean, and after how many bytes that is known.
struct DetectionRow: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var detection: Detection
    var needed: Int

    init(_ text: String, _ detection: Detection, after needed: Int) {
        let digits = text.compactMap(\.hexDigitValue)
        bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        self.detection = detection
        self.needed = needed
    }

    init(line: String, _ detection: Detection, after needed: Int) {
        bytes = Array(line.utf8)
        self.detection = detection
        self.needed = needed
    }

    var testDescription: String {
        bytes.prefix(12).map { String($0, radix: 16) }.joined(separator: " ") + ": \(detection)"
    }
}

@Suite struct ProtocolDetectorTests {
    private func detect(_ bytes: some Sequence<UInt8>) -> Detection {
        let buffer = ByteBuffer(bytes: bytes)
        return ProtocolDetector.detect(buffer.readableBytesSpan)
    }

    /// Undecided before `needed` bytes, and the same answer for any more.
    private func check(_ row: DetectionRow) {
        for count in 0..<row.needed {
            #expect(detect(row.bytes.prefix(count)) == .undecided, "after \(count) bytes")
        }
        for count in row.needed...row.bytes.count {
            #expect(detect(row.bytes.prefix(count)) == row.detection, "after \(count) bytes")
        }
        // Whatever follows changes nothing.
        for filler: UInt8 in [0x00, 0x41, 0x80, 0x93, 0xff] {
            let longer = row.bytes.prefix(row.needed) + [UInt8](repeating: filler, count: 24)
            #expect(detect(longer) == row.detection, "followed by \(filler)")
        }
    }

    static let unframed: [DetectionRow] = [
        DetectionRow("80010001 00000003 676574 0000012c", .thriftBinary(framed: false), after: 2),
        DetectionRow("80010004 00000003 676574 0000012c", .thriftBinary(framed: false), after: 2),
        DetectionRow("8221ac0203676574 18026162", .thriftCompact(framed: false), after: 2),
        DetectionRow("8241ac0203676574", .thriftCompact(framed: false), after: 2),
        DetectionRow("8261ac0203676574", .thriftCompact(framed: false), after: 2),
        DetectionRow("8281ac0203676574", .thriftCompact(framed: false), after: 2),
        // Unstrict: a name's length and its first letter.
        DetectionRow("00000003 676574 01 0000012c", .thriftBinary(framed: false), after: 5),
        DetectionRow("00000004 5f676574 01 0000012c", .thriftBinary(framed: false), after: 5),
        DetectionRow("000000ff 53746f72", .thriftBinary(framed: false), after: 5),
        DetectionRow("00000001 5a 01 0000012c", .thriftBinary(framed: false), after: 5),
    ]

    static let framed: [DetectionRow] = [
        DetectionRow("00000033 80010001 00000003", .thriftBinary(framed: true), after: 6),
        DetectionRow("00000008 80010001", .thriftBinary(framed: true), after: 6),
        DetectionRow("0000001b 8221ac0203", .thriftCompact(framed: true), after: 6),
        DetectionRow("0000001b 8281ac0203", .thriftCompact(framed: true), after: 6),
        DetectionRow("00000020 00000003 676574 01", .thriftBinary(framed: true), after: 9),
        DetectionRow("00010020 00000010 5f6574 01", .thriftBinary(framed: true), after: 9),
        // Up to the limit of a frame.
        DetectionRow("04000000 80010001", .thriftBinary(framed: true), after: 6),
        DetectionRow("04000000 8221ac02", .thriftCompact(framed: true), after: 6),
        // Past it: the connection reads the head, to refuse the call by name.
        DetectionRow("04000001 80010001", .thriftBinary(framed: true), after: 6),
        DetectionRow("7fffffff 80010001", .thriftBinary(framed: true), after: 6),
    ]

    static let headed: [DetectionRow] = [
        // The golden vectors of the two header transports.
        DetectionRow("00000026 0fff0000 0000012c 0003", .header(.theader), after: 6),
        DetectionRow("0000003a 10000000 0000012c 0008", .header(.ttheader), after: 6),
        DetectionRow("0000003a 10000002 0000012c 0008", .header(.ttheader), after: 6),
        DetectionRow("7fffffff 0fff0000", .header(.theader), after: 6),
    ]

    static let messagePack: [DetectionRow] = [
        DetectionRow("94 00 00 a1 70 90", .messagePack, after: 1),
        DetectionRow("93 02 a1 70 90", .messagePack, after: 1),
        DetectionRow("9400cd012ca367657491a26162", .messagePack, after: 1),
        DetectionRow("9302c403676574 90", .messagePack, after: 1),
        DetectionRow("dc0003 02 a170 90", .messagePack, after: 3),
        DetectionRow("dc0004 00 01 a170 90", .messagePack, after: 3),
        DetectionRow("dd00000003 02 a170 90", .messagePack, after: 5),
        DetectionRow("dd00000004 00 01 a170 90", .messagePack, after: 5),
    ]

    static let foreign: [DetectionRow] = [
        DetectionRow(line: "GET / HTTP/1.1\r\n\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "POST /x HTTP/1.1\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "HEAD / HTTP/1.0\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "PUT /x HTTP/1.1\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "DELETE /x HTTP/1.1\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "OPTIONS * HTTP/1.1\r\n", .foreign(.http), after: 4),
        DetectionRow(line: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .foreign(.http2), after: 4),
        DetectionRow(line: "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", .foreign(.proxy), after: 4),
        DetectionRow("0d0a0d0a 000d0a51 5549540a", .foreign(.proxy), after: 4),
        DetectionRow("160301 00c8 010000c4 0303", .foreign(.tls), after: 2),
        DetectionRow("ffaf 0001 00000000", .foreign(.meshHeader), after: 2),
        DetectionRow("fff4 fffd 06", .foreign(.telnet), after: 2),
        DetectionRow("fffb 1fff fb20", .foreign(.telnet), after: 2),
        DetectionRow(line: "*1\r\n$4\r\nPING\r\n", .foreign(.redis), after: 1),
        DetectionRow(line: "$4\r\nPING\r\n", .foreign(.redis), after: 1),
        DetectionRow(line: "QUIT\r\n", .foreign(.unknown), after: 4),
        DetectionRow(line: "ZZZZZZZZZZ", .foreign(.unknown), after: 4),
        DetectionRow("00000040 90010001 00000003 676574", .foreign(.kitexProtobuf), after: 6),
        DetectionRow("90000000 80010001 00000000", .foreign(.unknown), after: 1),
        DetectionRow("f0000000 8221ac02 00000000", .foreign(.unknown), after: 1),
    ]

    static let broken: [DetectionRow] = [
        DetectionRow("8002 0001", .foreign(.unknown), after: 2),
        DetectionRow("8100 0001 0001", .foreign(.unknown), after: 1),
        DetectionRow("8222 0001", .foreign(.unknown), after: 2),
        DetectionRow("1602 0001", .foreign(.unknown), after: 2),
        DetectionRow("ff00 0001", .foreign(.unknown), after: 2),
        DetectionRow("0d0b 0001", .foreign(.unknown), after: 2),
        DetectionRow("0d0a0d0d", .foreign(.unknown), after: 4),
        DetectionRow("dc0005 00", .foreign(.unknown), after: 3),
        DetectionRow("dc01", .foreign(.unknown), after: 2),
        DetectionRow("dd00000002", .foreign(.unknown), after: 5),
        DetectionRow("dd000100", .foreign(.unknown), after: 3),
        // A name without letters; a name too long for its first byte; a frame of neither version.
        DetectionRow("00000003 303030", .foreign(.unknown), after: 6),
        DetectionRow("00000100 676574", .foreign(.unknown), after: 6),
        DetectionRow("00000020 80020001", .foreign(.unknown), after: 6),
        DetectionRow("00000020 8222ac02", .foreign(.unknown), after: 6),
        DetectionRow("00000020 00000003 30", .foreign(.unknown), after: 9),
        DetectionRow("00000000 00000000 00", .foreign(.unknown), after: 9),
    ]

    @Test(arguments: unframed)
    func unframedThriftIsToldByItsHead(row: DetectionRow) { check(row) }

    @Test(arguments: framed)
    func framedThriftIsToldByTheHeadInsideTheFrame(row: DetectionRow) { check(row) }

    @Test(arguments: headed)
    func headersAreToldByTheirMagicNumbers(row: DetectionRow) { check(row) }

    @Test(arguments: messagePack)
    func messagePackIsToldByTheArrayOfAMessage(row: DetectionRow) { check(row) }

    @Test(arguments: foreign)
    func foreignProtocolsAreNamed(row: DetectionRow) { check(row) }

    @Test(arguments: broken)
    func whatIsNoProtocolIsUnknown(row: DetectionRow) { check(row) }

    @Test func theShortestMessagePackMessageIsEnough() {
        for bytes: [UInt8] in [[0x94, 0, 0, 0xa0, 0x90], [0x93, 2, 0xa1, 0x70, 0x90]] {
            #expect(bytes.count == 5 && detect(bytes) == .messagePack)
        }
    }

    @Test func everyConnectionIsDecidedWithinNineBytes() {
        // Every first two bytes, then fillers that look like lengths, letters and heads.
        for head in 0..<65_536 {
            let start = [UInt8(head >> 8), UInt8(head & 0xff)]
            for filler: UInt8 in [0x00, 0x41] {
                let bytes = start + [UInt8](repeating: filler, count: 7)
                if detect(bytes) == .undecided { Issue.record("\(start) is never decided") }
            }
        }
    }

    @Test func aDecisionIsNeverTakenBack() {
        var state: UInt64 = 7
        func next() -> UInt8 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        let rows = Self.unframed + Self.framed + Self.headed + Self.messagePack + Self.foreign + Self.broken
        for row in rows {
            for position in 0..<min(row.bytes.count, 10) {
                var bytes = row.bytes + [UInt8](repeating: 0, count: 12)
                bytes[position] = next()
                var decided: Detection = .undecided
                for count in 0...bytes.count {
                    let now = detect(bytes.prefix(count))
                    if decided != .undecided, now != decided { Issue.record("\(bytes) went from \(decided) to \(now)") }
                    decided = now
                }
                #expect(decided != .undecided)
            }
        }
    }

    @Test func everyForeignProtocolHasItsOwnLabelAndSentence() {
        let all = ForeignProtocol.allCases
        #expect(Set(all.map(\.label)).count == all.count)
        #expect(Set(all.map(\.rawValue)).count == all.count)
        #expect(ForeignProtocol.http.label == "http" && ForeignProtocol.kitexProtobuf.label == "kitexProtobuf")
        #expect(all.allSatisfy { !$0.rawValue.isEmpty })
    }
}
