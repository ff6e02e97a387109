//! Structs as a generator would write them, with a field of every type and ids near and far.

import NIOCore
import NeedletailWire

/// A small struct inside the large one, optionally inside itself.
struct SampleChild: WireStruct, Hashable {
    static let fields = FieldTable(("number", 1), ("child", 2), ("flag", 3))

    var number: Int32
    /// None or one: an array, because a struct cannot hold itself.
    var child: [SampleChild] = []
    var flag: Bool?

    init(number: Int32, child: [SampleChild] = [], flag: Bool? = nil) {
        self.number = number
        self.child = child
        self.flag = flag
    }

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var number: Int32?
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.int32): number = try reader.readInt32()
            case 2 where field.holds(.structure): child = [try SampleChild(from: &reader)]
            case 3 where field.holds(.bool): flag = try reader.readBool()
            default: try reader.skip(field)
            }
        }
        guard let number else { throw .missingField("number") }
        self.number = number
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: 1 + child.count + (flag == nil ? 0 : 1))
        writer.field(&scope, 1, "number", .int32)
        writer.write(number)
        for child in child {
            writer.field(&scope, 2, "child", .structure)
            child.encode(to: &writer)
        }
        if let flag {
            writer.field(&scope, 3, "flag", .bool)
            writer.write(flag)
        }
        writer.endStruct()
    }
}

/// A field of every type that the API uses.
struct Sample: WireStruct, Hashable {
    static let fields = FieldTable(
        ("flag", 1), ("small", 2), ("large", 3), ("ratio", 19), ("text", 20), ("data", 40), ("parts", 255),
        ("numbers", 256), ("labels", 300), ("children", 16_000), ("flags", 32_767), ("theOnlyChildOfThis", -5))

    var flag = false
    var small: Int32 = 0
    var large: Int64 = 0
    var ratio = 0.0
    var text = ""
    var data = ByteBuffer()
    var parts = BinaryList()
    var numbers: [Int64] = []
    var labels: [String: String] = [:]
    var children: [SampleChild] = []
    var flags: [Bool] = []
    var child: SampleChild?

    init() {}

    init<Reader: WireReader & ~Copyable & ~Escapable>(from reader: inout Reader) throws(WireError) {
        var scope = try reader.beginStruct()
        while let field = try reader.nextField(&scope, in: Self.fields) {
            switch field.id {
            case 1 where field.holds(.bool): flag = try reader.readBool()
            case 2 where field.holds(.int32): small = try reader.readInt32()
            case 3 where field.holds(.int64): large = try reader.readInt64()
            case 19 where field.holds(.double): ratio = try reader.readDouble()
            case 20 where field.holds(.binary): text = try reader.readString()
            case 40 where field.holds(.binary): data = try reader.readBinary()
            case 255 where field.holds(.list): parts = try reader.readBinaryList()
            case 256 where field.holds(.list): numbers = try [Int64](from: &reader)
            case 300 where field.holds(.map): labels = try [String: String](from: &reader)
            case 16_000 where field.holds(.list): children = try [SampleChild](from: &reader)
            case 32_767 where field.holds(.list): flags = try [Bool](from: &reader)
            case -5 where field.holds(.structure): child = try SampleChild(from: &reader)
            default: try reader.skip(field)
            }
        }
    }

    func encode<Writer: WireWriter & ~Copyable>(to writer: inout Writer) {
        var scope = writer.beginStruct(fieldCount: child == nil ? 11 : 12)
        writer.field(&scope, 1, "flag", .bool)
        writer.write(flag)
        writer.field(&scope, 2, "small", .int32)
        writer.write(small)
        writer.field(&scope, 3, "large", .int64)
        writer.write(large)
        writer.field(&scope, 19, "ratio", .double)
        writer.write(ratio)
        writer.field(&scope, 20, "text", .binary)
        writer.write(text)
        writer.field(&scope, 40, "data", .binary)
        writer.write(data)
        writer.field(&scope, 255, "parts", .list)
        writer.write(parts)
        writer.field(&scope, 256, "numbers", .list)
        writer.write(numbers)
        writer.field(&scope, 300, "labels", .map)
        labels.encode(to: &writer)
        writer.field(&scope, 16_000, "children", .list)
        children.encode(to: &writer)
        writer.field(&scope, 32_767, "flags", .list)
        writer.beginList(of: .bool, count: flags.count)
        for flag in flags { writer.write(flag) }
        if let child {
            writer.field(&scope, -5, "theOnlyChildOfThis", .structure)
            child.encode(to: &writer)
        }
        writer.endStruct()
    }
}

extension SampleChild {
    static func random(_ generator: inout SeededGenerator, depth: Int = 3) -> SampleChild {
        let hasChild = depth > 0 && generator.below(2) == 0
        return SampleChild(
            number: Int32(truncatingIfNeeded: generator.integer()),
            child: hasChild ? [random(&generator, depth: depth - 1)] : [],
            flag: generator.below(3) == 0 ? nil : generator.below(2) == 0)
    }
}

extension Sample {
    /// - Parameter size: bounds the lengths of all lists, texts and data.
    static func random(_ generator: inout SeededGenerator, size: Int) -> Sample {
        var sample = Sample()
        sample.flag = generator.below(2) == 0
        sample.small = Int32(truncatingIfNeeded: generator.integer())
        sample.large = generator.integer()
        sample.ratio = Double(generator.integer()) / 256
        sample.text = generator.text(generator.below(size))
        sample.data = ByteBuffer(bytes: generator.bytes(generator.below(size * 4)))
        for _ in 0..<generator.below(size) {
            sample.parts.append(ByteBuffer(bytes: generator.bytes(generator.below(8))))
        }
        for _ in 0..<generator.below(size) { sample.numbers.append(generator.integer()) }
        for _ in 0..<generator.below(size) {
            sample.labels[generator.text(generator.below(5))] = generator.text(generator.below(5))
        }
        for _ in 0..<generator.below(size) { sample.children.append(.random(&generator)) }
        for _ in 0..<generator.below(size) { sample.flags.append(generator.below(2) == 0) }
        if generator.below(2) == 0 { sample.child = .random(&generator) }
        return sample
    }
}
