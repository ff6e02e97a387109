//! Random values of any struct of an IDL, as messages of Thrift's binary protocol: made from the syntax tree, so that no
//! struct needs code of its own, and by a writer that shares nothing with the generated ones.

import ThriftIDL

/// Makes random messages.
struct RandomMessages {
    let program: Program
    private var random: SeededGenerator
    private var bytes: [UInt8] = []
    /// Structs that the value being made lies in.
    private var depth = 0

    init(_ program: Program, seed: UInt64) {
        self.program = program
        random = SeededGenerator(seed: seed)
    }

    /// A random value of `structure`.
    /// - Parameter unknownFields: whether fields stand in it, at every depth, that the IDL does not know.
    mutating func message(of structure: Structure, in document: Document, unknownFields: Bool = false) -> [UInt8] {
        bytes = []
        depth = 0
        hasUnknownFields = unknownFields
        write(structure, document)
        return bytes
    }

    private var hasUnknownFields = false

    /// Values that hold themselves end here.
    private static let depthMax = 6
    private static let unknownFieldID: Int16 = 31_111

    // MARK: Structs

    private mutating func write(_ structure: Structure, _ document: Document) {
        depth += 1
        defer { depth -= 1 }
        if hasUnknownFields { writeUnknownFields() }
        if structure.kind == .union {
            let candidates = structure.fields.filter { depth < Self.depthMax || !holdsStructs($0.type, document) }
            if let field = candidates.randomElement(using: &random) { write(field, document) }
        } else {
            for field in structure.fields where isWritten(field, document) { write(field, document) }
        }
        if hasUnknownFields, structure.kind != .union { writeUnknownFields() }
        bytes.append(0)
    }

    private mutating func isWritten(_ field: Field, _ document: Document) -> Bool {
        if field.requiredness == .required { return true }
        if depth >= Self.depthMax, holdsStructs(field.type, document) { return false }
        return Int.random(in: 0..<4, using: &random) > 0
    }

    private mutating func write(_ field: Field, _ document: Document) {
        let (type, home) = resolved(field.type, document)
        bytes.append(wireType(type, home))
        append(UInt16(bitPattern: field.id))
        write(type, home)
    }

    private mutating func writeUnknownFields() {
        // An integer, and a list of structs with a field each.
        bytes.append(10)
        append(UInt16(bitPattern: Self.unknownFieldID))
        append(random.next())
        bytes.append(15)
        append(UInt16(bitPattern: Self.unknownFieldID + 1))
        bytes.append(12)
        append(2 as UInt32)
        for _ in 0..<2 { bytes += [2, 0, 1, 1, 0] }
    }

    // MARK: Values

    private mutating func write(_ type: TypeReference, _ document: Document) {
        switch type.kind {
        case .base(let base): write(base)
        case .list(let element), .set(let element):
            let (element, home) = resolved(element, document)
            bytes.append(wireType(element, home))
            let count = count(holdsStructs(element, home))
            append(UInt32(count))
            for _ in 0..<count { write(element, home) }
        case .map(let key, let value):
            let (key, keyHome) = resolved(key, document)
            let (value, valueHome) = resolved(value, document)
            bytes += [wireType(key, keyHome), wireType(value, valueHome)]
            let count = count(holdsStructs(key, keyHome) || holdsStructs(value, valueHome))
            append(UInt32(count))
            for _ in 0..<count {
                write(key, keyHome)
                write(value, valueHome)
            }
        case .named(let name):
            guard let found = program.definition(of: name, in: document) else { return }
            switch found.definition {
            case .structure(let structure): write(structure, found.document)
            case .enumeration(let enumeration): append(UInt32(bitPattern: value(of: enumeration)))
            case .typedef, .constant, .service: preconditionFailure("a resolved type is none of these")
            }
        }
    }

    /// Now and then a number that the enum does not know.
    private mutating func value(of enumeration: Enumeration) -> Int32 {
        if Int.random(in: 0..<5, using: &random) > 0, let known = enumeration.cases.randomElement(using: &random) {
            return known.value
        }
        return Int32(truncatingIfNeeded: random.next())
    }

    private mutating func count(_ holdsStructs: Bool) -> Int {
        if holdsStructs { return depth >= Self.depthMax ? 0 : Int.random(in: 0...2, using: &random) }
        // Above 14 compact has a longer head.
        return Int.random(in: 0...7, using: &random) == 0 ? 20 : Int.random(in: 0...3, using: &random)
    }

    private mutating func write(_ base: TypeReference.Base) {
        switch base {
        case .bool: bytes.append(UInt8.random(in: 0...1, using: &random))
        case .i8: bytes.append(UInt8(truncatingIfNeeded: integer()))
        case .i16: append(UInt16(truncatingIfNeeded: integer()))
        case .i32: append(UInt32(truncatingIfNeeded: integer()))
        case .i64: append(UInt64(bitPattern: integer()))
        case .double:
            let values = [0, 1, -1.5, .pi, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
            append((values.randomElement(using: &random) ?? 0).bitPattern)
        case .string:
            let texts = ["", "a", "Grüße", "東京", "🦅", "zwanzig Zeichen lang", String(repeating: "x", count: 300)]
            let text = Array((texts.randomElement(using: &random) ?? "").utf8)
            append(UInt32(text.count))
            bytes += text
        case .binary:
            let count = [0, 1, 15, 16, 31, 32, 255, 256].randomElement(using: &random) ?? 0
            append(UInt32(count))
            for _ in 0..<count { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
        case .uuid: for _ in 0..<16 { bytes.append(UInt8(truncatingIfNeeded: random.next())) }
        }
    }

    /// Of any length, the ends of their ranges among them.
    private mutating func integer() -> Int64 {
        let edges: [Int64] = [0, 1, -1, 63, 64, -64, -65, 127, 128, -128, -129, 32_767, .max, .min]
        if Bool.random(using: &random) { return edges.randomElement(using: &random) ?? 0 }
        return Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        for shift in stride(from: Value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    // MARK: Types

    /// The type behind typedefs, and the document where its names mean something.
    private func resolved(_ type: TypeReference, _ document: Document) -> (TypeReference, Document) {
        guard case .named(let name) = type.kind, let found = program.definition(of: name, in: document),
            case .typedef(let typedef) = found.definition
        else { return (type, document) }
        return resolved(typedef.type, found.document)
    }

    private func holdsStructs(_ type: TypeReference, _ document: Document) -> Bool {
        let (type, home) = resolved(type, document)
        switch type.kind {
        case .base: return false
        case .list(let element), .set(let element): return holdsStructs(element, home)
        case .map(let key, let value): return holdsStructs(key, home) || holdsStructs(value, home)
        case .named(let name):
            if case .structure = program.definition(of: name, in: home)?.definition { return true }
            return false
        }
    }

    private func wireType(_ type: TypeReference, _ document: Document) -> UInt8 {
        switch type.kind {
        case .base(let base):
            switch base {
            case .bool: 2
            case .i8: 3
            case .double: 4
            case .i16: 6
            case .i32: 8
            case .i64: 10
            case .string, .binary: 11
            case .uuid: 16
            }
        case .map: 13
        case .set: 14
        case .list: 15
        case .named(let name):
            if case .enumeration = program.definition(of: name, in: document)?.definition { 8 } else { 12 }
        }
    }
}

/// SplitMix64: the same numbers in every run for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
