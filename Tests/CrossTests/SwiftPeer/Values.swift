//! The values that peers send each other, where crosstest.thrift cannot hold them.

internal import NIOCore
internal import NeedletailWire

enum Values {
    /// EVERYTHING with the tables in its lists and sets.
    static let everythingAndTables: Everything = {
        var made = CrosstestConstants.everything
        made.lists?.tinies = CrosstestConstants.bytes
        made.lists?.smalls = CrosstestConstants.shorts
        made.lists?.mediums = CrosstestConstants.ints
        made.lists?.larges = CrosstestConstants.longs
        made.lists?.reals = CrosstestConstants.reals
        made.lists?.texts = CrosstestConstants.texts
        made.lists?.colors = SharedConstants.colors
        made.lists?.choices = CrosstestConstants.choices
        made.sets?.tinies = Set(CrosstestConstants.bytes)
        made.sets?.smalls = Set(CrosstestConstants.shorts)
        made.sets?.mediums = Set(CrosstestConstants.ints)
        made.sets?.larges = Set(CrosstestConstants.longs)
        made.sets?.reals = Set(CrosstestConstants.reals)
        made.sets?.texts = Set(CrosstestConstants.texts)
        made.sets?.colors = Set(SharedConstants.colors)
        made.choices = CrosstestConstants.choices
        return made
    }()

    /// 105,000 bytes of UTF-8.
    static let longText = String(repeating: "0123456789äöü😀\n", count: 5_000)

    static func bytes(_ count: Int) -> ByteBuffer {
        ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / 256) })
    }

    static func deepTree(_ depth: Int) -> Tree {
        depth == 0
            ? Tree(name: "0")
            : Tree(name: "\(depth)", children: [deepTree(depth - 1)], named: ["leaf": deepTree(0)])
    }

    static func chain(_ length: Int32) -> Chain { Chain(number: length, rest: length > 1 ? chain(length - 1) : nil) }

    static let folder = Folder(
        name: "outer",
        items: [
            Item(data: ByteBuffer()),
            Item(folder: Folder(name: "inner", items: [Item(data: ByteBuffer(string: "x"))])), Item(),
        ])

    /// - Parameter retyped: whether the field that has another type in the second version is there.
    static func firstRecord(retyped: Bool) -> FirstRecord {
        FirstRecord(
            number: .min, name: "first", choice: .text("known to both"), retyped: retyped ? -7 : nil, paint: .blue,
            parts: [FirstRecord(number: 2, retyped: retyped ? 7 : nil)])
    }

    /// Without what only the second version has.
    static let secondRecordAsFirst: SecondRecord = {
        let part = SecondRecord(number: 3, choice: .unrecognized(id: 0))
        return SecondRecord(number: -1, name: "second", choice: .number(5), paint: .xRay, parts: [part, part])
    }()

    static func secondRecord(retyped: Bool) -> SecondRecord {
        let part = SecondRecord(
            number: 3, flag: true, choice: .points([Point(x: 1, y: 2), Point(x: 3, y: 4)]),
            retyped: retyped ? "text" : nil)
        return SecondRecord(
            number: -1, places: ["a": [Point(x: 1, y: 2)], "b": []], name: "second", flag: true, choice: .number(5),
            real: -2.5, retyped: retyped ? "a string where a number was" : nil,
            bytes: bytes(18),  // UTF-8: Apache's Python library decodes even what it skips
            paint: .xRay, tiny: -8, small: -16, large: -64, numbers: Set(CrosstestConstants.ints),
            flags: Array(repeating: true, count: 20), map64: [1: true, -1: false], everything: everythingAndTables,
            emptyMap: [:], parts: [part, part], no: false, boxes: [[[Empty(), Empty()], []], []])
    }

    static let trouble = Trouble(
        reason: "told to", color: .infrared, places: [Point(x: 1, y: 2), Point(x: -1, y: -2)])

    static let refusal = Refusal(code: -3, message: "no, não", place: Point(x: 7, y: 8))

    static let uuids = [
        "00000000-0000-0000-0000-000000000000", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "00112233-4455-6677-8899-aabbccddeeff", "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ].compactMap { WireUUID($0) }

    static let identified = Identified(
        id: uuids[1], parent: uuids[2], children: uuids, names: [uuids[1]: "one", uuids[3]: ""], seen: Set(uuids))
}
