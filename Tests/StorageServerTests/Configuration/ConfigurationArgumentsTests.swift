import StorageServer
import Testing

@Suite("Flags")
struct ConfigurationArgumentsTests {
    private let loader = ConfigurationLoader(table: .everyKind)

    private func lines(_ words: [String], switches: [String] = []) -> [String] {
        problems { () throws(ConfigurationError) in
            _ = try loader.resolve(loader.parse(arguments: words, switches: switches))
        }
    }

    @Test("a value follows its flag, or hangs on it")
    func values() throws {
        let arguments = loader.parse(arguments: [
            "--bricks", "16", "--door-sign=a=b", "--wall-brick-age", "7s", "--door-colours=", "--door-password", "-x",
        ])
        let resolved = try loader.resolve(arguments).resolved
        #expect(resolved["wall.bricks"] == .init(value: .integer(16), origin: .flag("--bricks")))
        #expect(resolved["door.sign"] == .init(value: .text("a=b"), origin: .flag("--door-sign")))
        #expect(resolved["wall.brick.age"].value == .durationMillis(7_000))
        #expect(resolved["door.colours"].value == .list([]))
        #expect(resolved["door.password"].value == .text("-x"))
    }

    @Test(
        "a boolean flag alone is true",
        arguments: [
            (["--door-is-open"], true), (["--door-is-open", "--bricks", "2"], true),
            (["--door-is-open", "false"], false),
            (["--door-is-open=false"], false), (["--door-is-open", "true"], true),
        ])
    func boolean(words: [String], value: Bool) throws {
        let resolved = try loader.resolve(loader.parse(arguments: words)).resolved
        #expect(resolved["door.isOpen"].value == .boolean(value))
    }

    @Test("file, help and the caller's switches are told apart from keys")
    func others() {
        let arguments = loader.parse(
            arguments: ["--config", "a.yaml", "--salvage", "-h", "--bricks=2"], switches: ["--salvage", "--other"])
        #expect(arguments.configFile == "a.yaml")
        #expect(arguments.switches == ["--salvage"])
        #expect(arguments.helpRequested)
        #expect(arguments.values == [.init(flag: "--bricks", text: "2")])
        #expect(arguments.problems.isEmpty)
        #expect(loader.parse(arguments: ["--config=b.yaml", "--help"]).configFile == "b.yaml")
    }

    @Test(
        "a mistake is one line that names the flag",
        arguments: [
            (["--brick", "3"], "flag --brick: unknown flag; did you mean '--bricks'?"),
            (["--wall-hight=3"], "flag --wall-hight: unknown flag; did you mean '--wall-height'?"),
            (["--wall_height", "3"], "flag --wall_height: unknown flag; did you mean '--wall-height'?"),
            (["--confg", "x"], "flag --confg: unknown flag; did you mean '--config'?"),
            (["--window"], "flag --window: unknown flag"),
            (["-p", "1"], "flag -p: unknown flag"),
            (["--bricks"], "flag --bricks: --bricks has no value; expected a power of two from 1 to 64"),
            (["--bricks", "--help"], "flag --bricks: --bricks has no value; expected a power of two from 1 to 64"),
            (["--bricks="], "flag --bricks: wall.bricks: '' is not valid; expected a power of two from 1 to 64"),
            (
                ["--bricks", "-2"],
                "flag --bricks: wall.bricks: '-2' is out of range; expected a power of two from 1 to 64"
            ),
            (["--config"], "flag --config: --config has no value; expected a path"),
            (["--config="], "flag --config: --config has no value; expected a path"),
            (["--config", "a", "--config", "b"], "flag --config: --config is given twice; first by flag --config"),
            (
                ["--bricks", "2", "--wall-bricks=2"],
                "flag --wall-bricks: wall.bricks is given twice; first by flag --bricks"
            ),
            (["--help=yes"], "flag --help: --help takes no value"),
            (["--salvage=1"], "flag --salvage: --salvage takes no value"),
            (["extra"], "unexpected argument 'extra'"),
            (["--"], "unexpected argument '--'"),
            (["two\nlines"], "unexpected argument 'two\\nlines'"),
        ])
    func mistake(words: [String], line: String) {
        #expect(lines(words, switches: ["--salvage"]) == [line])
    }

    @Test("all mistakes are reported, in order")
    func allMistakes() {
        let lines = lines(["--window", "open", "more", "--bricks", "x", "--wall-kind", "glass"])
        #expect(
            lines == [
                "flag --window: unknown flag", "unexpected argument 'more'",
                "flag --bricks: wall.bricks: 'x' is not valid; expected a power of two from 1 to 64",
                "flag --wall-kind: wall.kind: 'glass' is refused: it breaks",
            ])
    }

    @Test("a flag handed over by hand is checked too")
    func byHand() {
        var arguments = ConfigurationArguments()
        arguments.values = [.init(flag: "--brics", text: "1")]
        let lines = problems { () throws(ConfigurationError) in _ = try loader.resolve(arguments) }
        #expect(lines == ["flag --brics: unknown flag; did you mean '--bricks'?"])
    }
}
