import Testing

@testable import ThriftIDL

/// Files that nobody wrote: none may crash the compiler, and what it makes of them must be consistent.
struct MutationTests {
    private static let seeds: [[UInt8]] = Corpus.files.map(\.bytes)

    /// What a token may be swapped for.
    private static let tokens = [
        "struct", "union", "enum", "service", "exception", "typedef", "const", "include \"shared.thrift\"", "namespace",
        "{", "}", "(", ")", "[", "]", "<", ">", ",", ";", ":", "=", "*", "&", "\"", "'", "/*", "*/", "/**", "#", "//",
        "\\",
        "i32", "list<i32>", "map<", "void", "oneway", "throws", "extends", "required", "optional", "1", "-1", "32768",
        "9999999999999999999", "0x", "1e999", ".", "a.b", "S", "E", "true", "\0", "\u{feff}", "\r", "\n",
    ].map { Array($0.utf8) }

    @Test("no mutation of the corpus crashes the compiler, and each is accepted or refused with an error")
    func mutations() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<Scale.pick(4_000, full: 120_000) {
            var bytes = Self.seeds[generator.below(Self.seeds.count)]
            for _ in 0...generator.below(4) { Self.mutate(&bytes, &generator) }
            Self.check(bytes)
        }
    }

    @Test("a file of the corpus that ends too early is accepted or refused with an error")
    func truncations() {
        for file in Corpus.files {
            let step = Scale.pick(7, full: 1)
            for length in stride(from: 0, to: file.bytes.count, by: step) {
                Self.check(Array(file.bytes.prefix(length)))
            }
        }
    }

    private static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        func range(of bytes: [UInt8]) -> Range<Int> {
            let start = generator.below(bytes.count + 1)
            return start..<start + generator.below(min(40, bytes.count - start) + 1)
        }
        switch generator.below(6) {
        case 0 where !bytes.isEmpty: bytes[generator.below(bytes.count)] ^= 1 << UInt8(generator.below(8))
        case 1: bytes.removeSubrange(range(of: bytes))
        case 2: bytes.insert(contentsOf: bytes[range(of: bytes)], at: generator.below(bytes.count + 1))
        case 3:
            let other = seeds[generator.below(seeds.count)]
            bytes.insert(contentsOf: other[range(of: other)], at: generator.below(bytes.count + 1))
        case 4: bytes.removeSubrange(generator.below(bytes.count + 1)...)
        default:
            let token = tokens[generator.below(tokens.count)]
            bytes.replaceSubrange(range(of: bytes).prefix(8), with: token)
        }
    }

    private static func check(_ bytes: [UInt8]) {
        let (program, diagnostics) = Corpus.load(bytes, path: "mutated/test.thrift")
        let hasErrors = diagnostics.contains { $0.severity == .error }
        var isConsistent = hasErrors == (program == nil)
        let lineCount = bytes.count { $0 == UInt8(ascii: "\n") } + 1
        for diagnostic in diagnostics where diagnostic.location?.file == "mutated/test.thrift" {
            guard let location = diagnostic.location, let excerpt = diagnostic.excerpt,
                (1...lineCount).contains(location.line), location.column >= 1,
                (0...excerpt.line.unicodeScalars.count).contains(excerpt.indentation)
            else {
                isConsistent = false
                continue
            }
        }
        isConsistent = isConsistent && diagnostics.isEmpty == diagnostics.rendered().isEmpty
        for document in program?.documents ?? [] {
            for name in document.namesOfTypes where program?.definition(of: name, in: document) == nil {
                isConsistent = false
            }
        }
        #expect(isConsistent, "\(String(decoding: bytes, as: UTF8.self))\n\(diagnostics.rendered())")
    }
}

extension Document {
    /// All names that stand for types.
    fileprivate var namesOfTypes: [String] {
        definitions.flatMap { definition -> [TypeReference] in
            switch definition {
            case .constant(let constant): [constant.type]
            case .typedef(let typedef): [typedef.type]
            case .enumeration: []
            case .structure(let structure): structure.fields.map(\.type)
            case .service(let service):
                service.functions.flatMap { function in
                    (function.returnType.map { [$0] } ?? []) + (function.arguments + function.exceptions).map(\.type)
                }
            }
        }.flatMap(\.mentionedNames)
    }
}

extension TypeReference {
    fileprivate var mentionedNames: [String] {
        switch kind {
        case .base: []
        case .list(let element), .set(let element): element.mentionedNames
        case .map(let key, let value): key.mentionedNames + value.mentionedNames
        case .named(let name): [name]
        }
    }
}
