import Foundation
import NIOCore
import NeedletailWire
import Testing

/// The Swift of `Corpus/swift/golden.thrift`, compiled into the tests: it is what the generator writes, and it works.
struct GoldenTests {
    @Test("the golden file is what the generator writes")
    func golden() throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/golden.thrift.swift")
        #expect(try SwiftCorpus.generate("golden").text == String(contentsOf: path, encoding: .utf8))
    }

    private func roundTrip<Value: WireStruct & Equatable>(_ value: Value) throws -> Bool {
        var binary = ThriftBinaryWriter(ByteWriter(into: ByteBuffer()))
        value.encode(to: &binary)
        let bytes = binary.finish().finish()
        var reader = ThriftBinaryReader(bytes)
        let size = bytes.readableBytes == value.thriftBinarySize
        return try Value(from: &reader) == value && size
    }

    private var everything: Everything {
        var value = GoldenConstants.everything
        value.child = GoldenConstants.everything
        value.children = [Everything(name: "leaf", levels: [1: [.low, .unrecognized(9)]])]
        return value
    }

    @Test("values come back from the wire as they were")
    func values() throws {
        #expect(try roundTrip(everything))
        #expect(try roundTrip(Everything(name: "x")))
        #expect(try roundTrip(Choice.everything(everything)))
        #expect(try roundTrip(Choice.text("t")))
        #expect(try roundTrip(Failure(message: "m")))
    }

    @Test("an unknown member of a union is kept as such")
    func unknownMember() throws {
        var reader = ThriftBinaryReader(ByteBuffer(bytes: [8, 0, 9, 0, 0, 0, 1, 0]))
        #expect(try Choice(from: &reader) == .unrecognized(id: 9))
        var empty = ThriftBinaryReader(ByteBuffer(bytes: [0]))
        #expect(try Choice(from: &empty) == .unrecognized(id: 0))
        var last = ThriftBinaryReader(
            ByteBuffer(bytes: [8, 0, 1, 0, 0, 0, 1, 8, 0, 1, 0, 0, 0, 2, 8, 0, 9, 0, 0, 0, 1, 0]))
        #expect(try Choice(from: &last) == .number(2))
    }

    @Test("a required field that is absent is missed, others have their defaults")
    func absence() throws {
        #expect(throws: WireError.missingField("name")) {
            var reader = ThriftBinaryReader(ByteBuffer(bytes: [0]))
            _ = try Everything(from: &reader)
        }
        var reader = ThriftBinaryReader(ByteBuffer(bytes: [11, 0, 1, 0, 0, 0, 1, 120, 0]))
        #expect(try Everything(from: &reader) == Everything(name: "x"))
        #expect(Everything(name: "x").limit == 100)
        #expect(Everything(name: "x").words == ["a", "b"])
    }

    @Test("rules are checked, and their errors name the place")
    func rules() {
        func error(_ change: (inout Everything) -> Void) -> String? {
            var value = everything
            change(&value)
            do throws(ValidationError) { try value.validate() } catch { return error.description }
            return nil
        }
        #expect(error { _ in } == nil)
        #expect(error { $0.name = "" } == "name has 0 bytes; vt.min_size is 1")
        #expect(error { $0.name = "A" } == "name does not match vt.pattern")
        #expect(error { $0.count = 0 } == "count is 0; vt.gt is 0")
        #expect(error { $0.volume = .unrecognized(7) } == "volume is unrecognized(7); vt.defined_only is true")
        #expect(error { $0.keys = ["abc", "abcd"] } == "keys[1] has 4 bytes; vt.max_size is 3")
        #expect(error { $0.child?.name = "" } == "child.name has 0 bytes; vt.min_size is 1")
        #expect(error { $0.children[0].count = -1 } == "children[0].count is -1; vt.gt is 0")
        #expect(error { $0.choice = .number(3) } == "choice.number is 3; vt.in does not have it")
        #expect(error { $0.choice = .text("any") } == nil)
    }
}
