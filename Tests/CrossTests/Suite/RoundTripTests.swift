//! Random values of every struct of the cross-test: what was written is read again, whatever a newer version added is
//! passed over, and what is cut off is an error.

import Foundation
import NIOCore
import NeedletailWire
import Testing
import ThriftIDL

@testable import crosstest_peer

/// The generated structs, unions and exceptions under their names in the IDL.
private let types: [String: any RoundTripping.Type] = [
    "Booleans": Booleans.self, "Chain": Chain.self, "Choice": Choice.self, "Defaults": Defaults.self,
    "Empty": Empty.self, "Everything": Everything.self, "FirstChoice": FirstChoice.self,
    "FirstRecord": FirstRecord.self, "Folder": Folder.self, "Gaps": Gaps.self, "Identified": Identified.self,
    "Implicit": Implicit.self, "Item": Item.self, "LaterRefusal": LaterRefusal.self, "Lists": Lists.self,
    "Loose": Loose.self, "Maps": Maps.self, "Names": Names.self, "Point": Point.self, "Refusal": Refusal.self,
    "Requiredness": Requiredness.self, "Scalars": Scalars.self, "SecondChoice": SecondChoice.self,
    "SecondRecord": SecondRecord.self, "Sets": Sets.self, "Several": Several.self, "Silence": Silence.self,
    "Tree": Tree.self, "Trouble": Trouble.self,
]

/// What every generated struct is.
private typealias RoundTripping = WireStruct & Hashable

@Suite struct RoundTripTests {
    private static let isFull = ProcessInfo.processInfo.environment["TEST_SCALE"] == "full"
    private static let valuesPerStruct = isFull ? 500 : 50
    /// Messages of each struct that are cut.
    private static let messagesCut = isFull ? 10 : 1
    /// Messages longer than this are cut at some places only.
    private static let cutsMax = isFull ? 2_000 : 300

    private static func load() throws -> Program {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let files = ["crosstest.thrift", "identifiers.thrift", "later.thrift"].map { folder.appending(path: $0).path }
        let (program, diagnostics) = IDLCompiler().load(files, from: FileSources())
        return try #require(program, "\(diagnostics.rendered())")
    }

    private struct FileSources: SourceProvider {
        func bytes(at path: String) throws(UnreadableSource) -> [UInt8]? {
            FileManager.default.contents(atPath: path).map { Array($0) }
        }
    }

    @Test func everyStructOfTheIDLIsTried() throws {
        var names: Set<String> = []
        for document in try Self.load().documents {
            for case .structure(let structure) in document.definitions { names.insert(structure.head.name) }
        }
        #expect(names == Set(types.keys))
    }

    @Test(arguments: types.keys.sorted()) func whatIsWrittenIsReadAgain(name: String) throws {
        try forEachMessage(of: name, unknownFields: false) { type, message in try check(type, message) }
    }

    @Test(arguments: types.keys.sorted()) func unknownFieldsArePassedOver(name: String) throws {
        try forEachMessage(of: name, unknownFields: true) { type, message in try check(type, message) }
    }

    @Test(arguments: types.keys.sorted()) func aMessageThatIsCutOffAnywhereIsAnError(name: String) throws {
        var left = Self.messagesCut
        try forEachMessage(of: name, unknownFields: false) { type, message in
            guard left > 0 else { return }
            left -= 1
            try checkCuts(type, message)
        }
    }

    private func forEachMessage(
        of name: String, unknownFields: Bool, _ body: (any RoundTripping.Type, [UInt8]) throws -> Void
    ) throws {
        let program = try Self.load()
        let type = try #require(types[name])
        for document in program.documents {
            for case .structure(let structure) in document.definitions where structure.head.name == name {
                var messages = RandomMessages(program, seed: UInt64(name.utf8.count) &* 7_919)
                for _ in 0..<Self.valuesPerStruct {
                    try body(type, messages.message(of: structure, in: document, unknownFields: unknownFields))
                }
            }
        }
    }

    private func check<Value: RoundTripping>(_ type: Value.Type, _ message: [UInt8]) throws {
        let value = try decode(type, ByteBuffer(bytes: message), .thriftBinary)
        for format in Format.allCases {
            let bytes = encode(value, format)
            #expect(try decode(type, bytes, format) == value, "\(format): \(value)")
            #expect(size(value, format) == bytes.readableBytes, "\(format): \(value)")
        }
    }

    private func checkCuts<Value: RoundTripping>(_ type: Value.Type, _ message: [UInt8]) throws {
        let value = try decode(type, ByteBuffer(bytes: message), .thriftBinary)
        for format in Format.allCases {
            let bytes = encode(value, format)
            let step = max(bytes.readableBytes / Self.cutsMax, 1)
            for end in stride(from: 0, to: bytes.readableBytes, by: step) {
                let head = try #require(bytes.getSlice(at: bytes.readerIndex, length: end))
                #expect(throws: WireError.truncated, "\(format) at \(end) of \(bytes.readableBytes): \(value)") {
                    try decode(type, head, format)
                }
            }
        }
    }

    // MARK: Formats

    enum Format: CaseIterable {
        case thriftBinary
        case thriftCompact
        case messagePackByNames
        case messagePackByIDs
    }

    private func decode<Value: RoundTripping>(
        _ type: Value.Type, _ bytes: ByteBuffer, _ format: Format
    ) throws(WireError) -> Value {
        switch format {
        case .thriftBinary:
            var reader = ThriftBinaryReader(bytes)
            return try Value(from: &reader)
        case .thriftCompact:
            var reader = ThriftCompactReader(bytes)
            return try Value(from: &reader)
        case .messagePackByNames, .messagePackByIDs:
            var reader = MessagePackReader(bytes)
            return try Value(from: &reader)
        }
    }

    private func encode(_ value: some RoundTripping, _ format: Format) -> ByteBuffer {
        let bytes = ByteWriter(into: ByteBuffer())
        switch format {
        case .thriftBinary:
            var writer = ThriftBinaryWriter(bytes)
            value.encode(to: &writer)
            return writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(bytes)
            value.encode(to: &writer)
            return writer.finish().finish()
        case .messagePackByNames, .messagePackByIDs:
            var writer = MessagePackWriter(bytes, keys: format == .messagePackByIDs ? .ids : .names)
            value.encode(to: &writer)
            return writer.finish().finish()
        }
    }

    private func size(_ value: some RoundTripping, _ format: Format) -> Int {
        switch format {
        case .thriftBinary: value.thriftBinarySize
        case .thriftCompact: value.thriftCompactSize
        case .messagePackByNames: value.messagePackSize(keys: .names)
        case .messagePackByIDs: value.messagePackSize(keys: .ids)
        }
    }
}
