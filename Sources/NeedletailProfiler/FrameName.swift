//! Names of functions as a person wants them: demangled, without types of arguments and results.

internal import CStackSampler

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum FrameName {
    /// The name that a symbol stands for: `MemoryEngine.MemoryEngine.get`.
    static func readable(_ symbol: String) -> String {
        // Names of the compiler's own specialisations have a suffix that the demangler does not know.
        let base = symbol.split(separator: ".", maxSplits: 1).first.map(String.init) ?? symbol
        return plain(cut(short(demangled(symbol) ?? demangled(base) ?? symbol)))
    }

    /// Names are cut to this.
    static let bytesMax = 240

    /// The end of a name says more than its beginning.
    static func cut(_ name: String) -> String {
        name.utf8.count <= bytesMax ? name : "…" + String(decoding: name.utf8.suffix(bytesMax), as: UTF8.self)
    }

    private static func demangled(_ symbol: String) -> String? {
        guard symbol.hasPrefix("$s") || symbol.hasPrefix("$S"),
            let name = unsafe swift_demangle(symbol, symbol.utf8.count, nil, nil, 0)
        else { return nil }
        defer { unsafe free(name) }
        return unsafe String(cString: name)
    }

    /// What folded stacks keep for themselves is replaced: semicolons, and what ends a line.
    static func plain(_ name: String) -> String {
        String(name.map { $0 == ";" ? ":" : $0.isNewline ? " " : $0 })
    }

    /// What stands before a name and does not say which function it is.
    private static let prefixes = [
        "generic specialization of ", "generic not re-abstracted specialization of ",
        "function signature specialization of ", "partial apply forwarder for ", "merged ", "specialized ",
        "protocol witness for ", "dispatch thunk of ", "outlined variable #", "@objc ", "static ",
    ]

    /// A demangled name without what stands in parentheses and angle brackets, without its result, and without where in a
    /// closure's path its types come from.
    static func short(_ name: String) -> String {
        guard let bare = withoutGroups(name) else { return name }
        var parts: [String] = []
        for part in bare.split(separator: " in ") {
            var part = part
            for end in [" ->", " throws", " async"] {
                if let range = part.firstRange(of: end) { part = part[..<range.lowerBound] }
            }
            while let prefix = prefixes.first(where: { part.hasPrefix($0) }) { part.removeFirst(prefix.count) }
            if !part.isEmpty, !part.hasPrefix("conformance ") { parts.append(String(part)) }
        }
        return parts.isEmpty ? name : parts.joined(separator: " in ")
    }

    /// Nil if parentheses and brackets do not match, as in the names of some operators.
    private static func withoutGroups(_ name: String) -> String? {
        var result = ""
        var group = ""
        var open: [Character] = []
        var previous: Character = " "
        for character in name {
            defer { previous = character }
            switch character {
            case "(", "<": open.append(character)
            // An arrow is no bracket.
            case ")",
                ">" where character == ")" || previous != "-":
                guard open.popLast() == (character == ")" ? "(" : "<") else { return nil }
                if open.isEmpty {
                    result += privateName(group)
                    group = ""
                }
            default: if open.isEmpty { result.append(character) } else { group.append(character) }
            }
        }
        // What a group left behind are two spaces; an extension leaves its colon.
        let words = result.split(separator: " ").map { $0.drop { $0 == ":" } }
        return open.isEmpty ? words.joined(separator: " ") : nil
    }

    /// Names that only their file knows stand in parentheses, with a number for the file: `(send in _1A2B...)`.
    private static func privateName(_ group: String) -> Substring {
        guard let end = group.firstRange(of: " in _")?.lowerBound else { return "" }
        // Types of arguments may have such names, too, behind their modules'.
        return group[..<end].contains { " .:,".contains($0) } ? "" : group[..<end]
    }
}
