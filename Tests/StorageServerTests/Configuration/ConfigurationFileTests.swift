import Foundation
import StorageServer
import Testing

@Suite("The configuration file")
struct ConfigurationFileTests {
    private func resolve(_ text: String, table: ConfigurationTable = .everyKind) throws(ConfigurationError)
        -> ResolvedConfiguration
    {
        let file = ConfigurationFile(text: text, path: "f.yaml", table: table)
        return try ConfigurationLoader(table: table).resolve(file: file).resolved
    }

    private func lines(_ text: String, table: ConfigurationTable = .everyKind) -> [String] {
        problems { () throws(ConfigurationError) in _ = try resolve(text, table: table) }
    }

    @Test("values have their lines as origins")
    func origins() throws {
        let resolved = try resolve("# comment\ndoor:\n  isOpen: true\n\nwall:\n  bricks: 16\n")
        #expect(resolved["door.isOpen"] == .init(value: .boolean(true), origin: .file(path: "f.yaml", line: 3)))
        #expect(resolved["wall.bricks"] == .init(value: .integer(16), origin: .file(path: "f.yaml", line: 6)))
        #expect(resolved["wall.kind"] == .init(value: .text("stone"), origin: .default))
    }

    @Test("nested and dotted names mean the same")
    func dotted() throws {
        let dotted = try resolve("door.isOpen: true\nwall.brick.age: 7s\n")
        let nested = try resolve("door:\n  isOpen: true\nwall:\n  brick:\n    age: 7s\n")
        let mixed = try resolve("door: {isOpen: true}\nwall: {brick.age: 7s}\n")
        for resolved in [dotted, nested, mixed] {
            #expect(resolved["door.isOpen"].value == .boolean(true))
            #expect(resolved["wall.brick.age"].value == .durationMillis(7_000))
        }
    }

    @Test(
        "a file that says nothing changes nothing",
        arguments: [
            "", "\n", "# only a comment\n", "---\n", "~\n", "null", "{}", "door:\nwall:\n  # bricks: 1\n",
            "\u{FEFF}door:\n",
        ])
    func empty(text: String) throws {
        let resolved = try resolve(text)
        #expect(ConfigurationTable.everyKind.keys.allSatisfy { resolved[$0.name].origin == .default })
    }

    @Test("lists are sequences; null empties what may be empty; quoted values are values")
    func shapes() throws {
        #expect(try resolve("door: {colours: [a, 'b,c', \"7\"]}")["door.colours"].value == .list(["a", "b,c", "7"]))
        #expect(try resolve("door:\n  colours: []\n")["door.colours"].value == .list([]))
        #expect(try resolve("door:\n  password: ~\n")["door.password"].value == .absent)
        #expect(try resolve("door:\n  password: 'null'\n")["door.password"].value == .text("null"))
        #expect(try resolve("wall:\n  bricks: '16'\n")["wall.bricks"].value == .integer(16))
    }

    @Test("aliases stand for what they name")
    func alias() throws {
        #expect(try resolve("door:\n  sign: &text hello\n  password: *text\n")["door.password"].value == .text("hello"))
    }

    @Test(
        "a mistake is one line that names file, line, key, value and what was expected",
        arguments: [
            ("wall:\n  brick: 3\n", "file f.yaml:2: 'wall.brick' is a section; expected keys below it"),
            ("wall:\n  briks: 3\n", "file f.yaml:2: unknown key 'wall.briks'; did you mean 'wall.bricks'?"),
            ("wal:\n  bricks: 3\n", "file f.yaml:1: unknown key 'wal'; did you mean 'wall'?"),
            ("garden:\n  trees: 3\n", "file f.yaml:1: unknown key 'garden'"),
            ("door:\n  bricks: 4\n", "file f.yaml:2: unknown key 'door.bricks'; did you mean 'wall.bricks'?"),
            ("1: x\n", "file f.yaml:1: unknown key '1'"),
            ("[a, b]: x\n", "file f.yaml:1: not valid YAML: a key is a list, not a name"),
            ("door: shut\n", "file f.yaml:1: 'door' is a section; expected keys below it"),
            ("door: [a]\n", "file f.yaml:1: 'door' is a section; expected keys below it"),
            ("door:\n  isOpen: maybe\n", "file f.yaml:2: door.isOpen: 'maybe' is not valid; expected true or false"),
            ("door:\n  isOpen:\n", "file f.yaml:2: door.isOpen has no value; expected true or false"),
            (
                "door:\n  colours:\n",
                "file f.yaml:2: door.colours has no value; expected a list of text that is not empty"
            ),
            (
                "door:\n  colours: red\n",
                "file f.yaml:2: door.colours: 'red' is not valid; expected a list of text that is not empty"
            ),
            (
                "door:\n  colours: [{name: red}]\n",
                "file f.yaml:2: door.colours: 'a list with a mapping in it' is not valid; expected a "
                    + "list of text that is not empty"
            ),
            (
                "door:\n  colours: [red, ]\n  sign: [a, b]\n",
                "file f.yaml:3: door.sign: '[a, b]' is not valid; expected text that is not empty"
            ),
            (
                "door:\n  sign:\n    text: a\n",
                "file f.yaml:2: door.sign: 'a mapping' is not valid; expected text that is not empty"
            ),
            (
                "wall:\n  bricks: 65\n",
                "file f.yaml:2: wall.bricks: '65' is out of range; expected a power of two from 1 to 64"
            ),
            (
                "wall:\n  height: 5\n",
                "file f.yaml:2: wall.height: '5' is out of range; expected a size from 10 to 1000, or 0 (no wall)"
            ),
            (
                "wall:\n  brick.age: 10\n",
                "file f.yaml:2: wall.brick.age: '10' has no unit; expected a duration from 1ms to 1m, "
                    + "such as 500ms, 10s or 1h"
            ),
            ("wall:\n  kind: glass\n", "file f.yaml:2: wall.kind: 'glass' is refused: it breaks"),
            (
                "wall:\n  kind: \"a\\nb\"\n",
                "file f.yaml:2: wall.kind: 'a\\nb' is not valid; expected one of stone, wood"
            ),
            (
                "wall:\n  kind: wood\nwall.kind: wood\n",
                "file f.yaml:3: wall.kind is given twice; first by file f.yaml:2"
            ),
            (
                "- a\n",
                "file f.yaml:1: the document is no mapping; expected sections such as 'rpc:' with keys below them"
            ),
            (
                "hello\n",
                "file f.yaml:1: the document is no mapping; expected sections such as 'rpc:' with keys below them"
            ),
        ])
    func mistake(text: String, line: String) {
        #expect(lines(text) == [line])
    }

    @Test(
        "broken YAML is one line with the place",
        arguments: [
            ("door:\n  isOpen: [true\n", "file f.yaml:3: not valid YAML: "), ("door: 'a\n", "file f.yaml:"),
            ("door: {\n", "file f.yaml:2: not valid YAML: "), ("\tdoor: 1\n", "file f.yaml:1: not valid YAML: "),
            ("a: *nobody\n", "file f.yaml:1: not valid YAML: found undefined alias"),
            ("door:\n  sign: a\n  sign: b\n", "file f.yaml:2: not valid YAML: sign: given twice in one mapping"),
            ("a: 1\n---\nb: 2\n", "file f.yaml:2: not valid YAML: "), ("a: \u{1}\n", "file f.yaml:1: not valid YAML: "),
        ])
    func brokenYAML(text: String, start: String) {
        let lines = lines(text)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(start) == true, "\(lines)")
        #expect(lines.first?.contains("\n") == false)
    }

    @Test("one mistake does not hide the others")
    func allMistakes() {
        let lines = lines("door:\n  isOpen: 7\n  colour: red\nwall:\n  bricks: many\n  kind: wood\n")
        #expect(lines.map { $0.prefix(13) } == ["file f.yaml:3", "file f.yaml:2", "file f.yaml:5"])
    }

    @Test("a secret's value is in no error")
    func secret() {
        let lines = lines("door:\n  pin: swordfish\n")
        #expect(
            lines == ["file f.yaml:2: door.pin: '(hidden)' is not valid; expected a whole number from 1000 to 9999"])
    }

    @Test("a file that cannot be read is one line")
    func unreadable() throws {
        let tree = try TemporaryTree()
        func line(_ name: String) -> [String] {
            ConfigurationFile(path: tree.path + name, table: .everyKind).problems.map(\.description)
        }
        #expect(line("/none.yaml") == ["file \(tree.path)/none.yaml: cannot be read: there is no such file"])
        #expect(line("") == ["file \(tree.path): cannot be read: it is a directory"])
        try tree.write(Data([0x64, 0xFF, 0xFE]), to: "bytes.yaml")
        #expect(line("/bytes.yaml") == ["file \(tree.path)/bytes.yaml: cannot be read: it is not UTF-8 text"])
        try tree.write(String(repeating: "#", count: 1 << 20 + 1), to: "large.yaml")
        #expect(line("/large.yaml") == ["file \(tree.path)/large.yaml: cannot be read: it is larger than 1MiB"])
        try tree.write("door:\n", to: "locked.yaml")
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: tree.path + "/locked.yaml")
        // Root reads everything.
        if !FileManager.default.isReadableFile(atPath: tree.path + "/locked.yaml") {
            #expect(line("/locked.yaml") == ["file \(tree.path)/locked.yaml: cannot be read: permission denied"])
        }
    }

    @Test("no prefix of a file, and no changed byte, brings the reader down")
    func hostileBytes() {
        let text = ConfigurationTable.server.renderedFile + "limits: {maxDepth: 8, 'x': [1, \"\\u00e9\"], ? a : &b c}\n"
        let bytes = Array(text.replacing("  #", with: "  ").utf8)
        for end in stride(from: 0, to: bytes.count, by: 61) {
            _ = ConfigurationFile(text: String(decoding: bytes[..<end], as: UTF8.self), path: "f", table: .server)
        }
        var generator = SplitMix64(state: 42)
        for _ in 0..<200 {
            var changed = bytes
            for _ in 0..<4 {
                changed[Int.random(in: changed.indices, using: &generator)] = UInt8.random(
                    in: 0...127, using: &generator)
            }
            _ = ConfigurationFile(text: String(decoding: changed, as: UTF8.self), path: "f", table: .server)
        }
    }
}

/// A seeded generator, so that a failure can be had again.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
