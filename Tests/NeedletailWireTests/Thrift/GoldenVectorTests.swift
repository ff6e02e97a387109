//! Messages made with other implementations, reproduced byte for byte in both directions.

import NIOCore
import NeedletailWire
import Testing

/// Arguments with a binary, booleans far apart, a list of booleans and an integer.
struct GoldenArguments: WireStruct, Hashable {
    static let fields = FieldTable(("text", 1), ("yes", 2), ("no", 40), ("list", 41), ("number", 42))
    static let golden = GoldenArguments(text: "ab", yes: true, no: false, list: [true, false], number: -3)

    var text: String
    var yes: Bool
    var no: Bool
    var list: [Bool]
    var number: Int32

    init(text: String, yes: Bool, no: Bool, list: [Bool], number: Int32) {
        self.text = text
        self.yes = yes
        self.no = no
        self.list = list
        self.number = number
    }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        self.init(text: "", yes: false, no: true, list: [], number: 0)
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.binary): text = try reader.readString()
            case 2 where field.holds(.bool): yes = try reader.readBool()
            case 40 where field.holds(.bool): no = try reader.readBool()
            case 41 where field.holds(.list): list = try [Bool](from: &reader)
            case 42 where field.holds(.int32): number = try reader.readInt32()
            default: try reader.skip(field)
            }
        }
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 5)
        writer.field(&scope, 1, "text", .binary)
        writer.write(text)
        writer.field(&scope, 2, "yes", .bool)
        writer.write(yes)
        writer.field(&scope, 40, "no", .bool)
        writer.write(no)
        writer.field(&scope, 41, "list", .list)
        writer.beginList(of: .bool, count: list.count)
        for element in list { writer.write(element) }
        writer.field(&scope, 42, "number", .int32)
        writer.write(number)
        writer.endStruct()
    }
}

@Suite struct GoldenVectorTests {
    private let strict = hex(
        "80010001000000036765740000012c0b000100000002616202000201020028000f00290200000002010008002afffffffd00")
    private let compact = hex("8221ac02036765741802616211025019210102150500")

    @Test func strictBinaryIsWrittenByteForByte() {
        let name = ByteBuffer(string: "get")
        var writer = ThriftBinaryWriter(newWriter())
        writer.writeHead(.call, name: name.readableBytesSpan, sequenceID: 300)
        GoldenArguments.golden.encode(to: &writer)
        #expect(Array(buffer: writer.finish().finish()).hex == strict.hex)
    }

    @Test func compactIsWrittenByteForByte() {
        let name = ByteBuffer(string: "get")
        var writer = ThriftCompactWriter(newWriter())
        writer.writeHead(.call, name: name.readableBytesSpan, sequenceID: 300)
        GoldenArguments.golden.encode(to: &writer)
        #expect(Array(buffer: writer.finish().finish()).hex == compact.hex)
    }

    @Test func strictBinaryIsReadByteForByte() throws {
        let message = message(strict)
        var reader = ThriftBinaryReader(message)
        let head = try ThriftHead(reader.readHead())
        let arguments = try GoldenArguments(from: &reader)
        #expect(head == ThriftHead(.call, "get", 300))
        #expect(arguments == .golden)
        let end = reader.cursor.offset
        #expect(end == strict.count)
    }

    @Test func compactIsReadByteForByte() throws {
        let message = message(compact)
        var reader = ThriftCompactReader(message)
        let head = try ThriftHead(reader.readHead())
        let arguments = try GoldenArguments(from: &reader)
        #expect(head == ThriftHead(.call, "get", 300))
        #expect(arguments == .golden)
        let end = reader.cursor.offset
        #expect(end == compact.count)
    }

    @Test func theForeignEncodersAgreeWithTheGoldenVectors() {
        let value = ForeignThrift.structure([
            (1, .binary(Array("ab".utf8))), (2, .bool(true)), (40, .bool(false)),
            (41, .list(.bool, [.bool(true), .bool(false)])), (42, .int32(-3)),
        ])
        #expect(value.binaryBytes == Array(strict.dropFirst(15)))
        // Their element type of booleans is the other of the two that are allowed.
        #expect(value.compactBytes.hex == "18026162110250192201 02150500".filter { $0 != " " })
    }

    @Test func goldenMessagesCutOffAreTruncated() {
        for count in 0..<strict.count {
            let message = message(Array(strict[..<count]))
            #expect(
                wireError { () throws(WireError) in
                    var reader = ThriftBinaryReader(message)
                    _ = try reader.readHead()
                    return try GoldenArguments(from: &reader)
                } == .truncated)
        }
        for count in 0..<compact.count {
            let message = message(Array(compact[..<count]))
            #expect(
                wireError { () throws(WireError) in
                    var reader = ThriftCompactReader(message)
                    _ = try reader.readHead()
                    return try GoldenArguments(from: &reader)
                } == .truncated)
        }
    }
}
