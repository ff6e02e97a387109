import Foundation
import StorageServer
import Testing

@Suite("The commented file, config print, help")
struct ConfigurationRenderingTests {
    /// The package's directory: the nearest one above this file that has a manifest.
    private static var packageDirectory: URL? {
        var directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while directory.path != "/" {
            if FileManager.default.fileExists(atPath: directory.path + "/Package.swift") { return directory }
            directory.deleteLastPathComponent()
        }
        return nil
    }

    private func resolve(_ text: String, table: ConfigurationTable) throws -> ResolvedConfiguration {
        let file = ConfigurationFile(text: text, path: "f.yaml", table: table)
        return try ConfigurationLoader(table: table).resolve(file: file).resolved
    }

    @Test("config/needletail.yaml is what the table renders (UPDATE_RENDERED_FILES=1 writes it)")
    func committedFile() throws {
        let directory = try #require(Self.packageDirectory)
        let path = directory.path + "/config/needletail.yaml"
        let rendered = ConfigurationLoader.commentedFile
        if ProcessInfo.processInfo.environment["UPDATE_RENDERED_FILES"] == "1" {
            try rendered.write(toFile: path, atomically: false, encoding: .utf8)
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == rendered)
    }

    @Test("the commented file changes nothing, and uncommented it says the defaults")
    func commentedFile() throws {
        for table in [ConfigurationTable.server, .everyKind] {
            let commented = try resolve(table.renderedFile, table: table)
            let uncommented = try resolve(Self.uncommented(table.renderedFile), table: table)
            for key in table.keys {
                #expect(commented[key.name] == .init(value: key.defaultValue, origin: .default))
                #expect(uncommented[key.name].value == key.defaultValue, "\(key.name)")
                #expect(uncommented[key.name].origin != .default, "\(key.name)")
            }
            for mapping in table.mappings {
                #expect(commented.entries(of: mapping) == mapping.defaults)
                for (entry, standard) in zip(uncommented.entries(of: mapping), mapping.defaults) {
                    #expect(entry.name == standard.name && entry.origin != .default)
                    #expect(entry.fields.map(\.text) == standard.fields.map(\.text))
                }
                #expect(uncommented.entries(of: mapping).count == mapping.defaults.count)
            }
        }
    }

    /// Without the # of the lines that show defaults: text has one space behind it, fields of an entry have two.
    private static func uncommented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map {
                let isDefault = $0.hasPrefix("  #") && (!$0.hasPrefix("  # ") || $0.hasPrefix("  #  "))
                return isDefault ? "  " + $0.dropFirst(3) : $0
            }
            .joined(separator: "\n")
    }

    @Test("every key, flag, variable and default stands in the file")
    func complete() {
        let file = ConfigurationTable.server.renderedFile
        for key in ConfigurationTable.server.keys {
            #expect(file.contains("\n  #\(key.leaf): \(key.defaultValue.yaml)\n"), "\(key.name)")
            #expect(file.contains("\(key.longFlag); \(key.variable(prefix: "NEEDLETAIL_"))\n"), "\(key.name)")
        }
        #expect(file.split(separator: "\n").allSatisfy { $0.count <= 110 })
    }

    @Test("config print shows each value with its origin")
    func printed() throws {
        let loader = ConfigurationLoader()
        let file = ConfigurationFile(text: "log:\n  directory: /var/lib/x y\n", path: "n.yaml", table: .server)
        let resolved = try loader.resolve(
            loader.parse(arguments: ["--limits-max-timeout", "90s"]),
            environment: ["NEEDLETAIL_RPC_PORT": "8000", "NEEDLETAIL_ENGINE_ENDPOINTS": "a:1,b:2"], file: file
        ).resolved
        let lines = resolved.rendered(notes: ["rpc.eventLoops": "2 here"]).split(separator: "\n").map(String.init)
        for line in [
            "rpc:", "  host: 127.0.0.1  # default", "  port: 8000  # environment NEEDLETAIL_RPC_PORT",
            "  unixSocket: null  # default", "  eventLoops: 0  # default; 2 here",
            "  directory: \"/var/lib/x y\"  # file n.yaml:2", "  maxTimeout: 90s  # flag --limits-max-timeout",
            "  maxFrameSize: 64MiB  # default",
            "  endpoints: [\"a:1\", \"b:2\"]  # environment NEEDLETAIL_ENGINE_ENDPOINTS",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
    }

    @Test("what config print shows is a file that gives the same values again")
    func printedIsValid() throws {
        let loader = ConfigurationLoader(table: .everyKind)
        let texts = [
            "plain", "null", "~", "true", "No", "1", "1.5", "1e3", "0x1F", "a: b", "a #b", "# a", "- a", "-", "--", "'",
            "\"",
            "\\", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a`", "a\nb", "a\tb", "\u{1}", "\u{85}", "\u{2028}",
            "\u{7F}",
            "é", "日本", "😀", " a ", "a,b", "::1", "127.0.0.1", "7:30", "?", "|", ">", "=", "<<", ".inf", ".nan",
            "a\u{FEFF}",
            "\u{202E}a", "\u{E000}", "a\r\nb", "_", "/", "./x", "2026-01-01",
        ]
        for text in texts {
            let sign = ConfigurationArguments.Value(flag: "--door-sign", text: text)
            let colours = ConfigurationArguments.Value(flag: "--door-colours", text: text + ",b")
            var arguments = ConfigurationArguments()
            arguments.values = text.contains(",") || text.hasPrefix(" ") ? [sign] : [sign, colours]
            let resolved = try loader.resolve(arguments).resolved
            let again = try resolve(resolved.rendered(), table: .everyKind)
            for key in ConfigurationTable.everyKind.keys where !key.isSecret {
                #expect(again[key.name].value == resolved[key.name].value, "\(text.debugDescription)")
            }
        }
    }

    @Test("a file that config print wrote has the server's configuration")
    func serverRoundTrip() throws {
        let loader = ConfigurationLoader()
        let words = [
            "--unix-socket", "/tmp/a b", "--data-dir", "true", "--memory-max-memory", "3GiB", "--rpc-host", "::1",
            "--engine-tls", "--engine-tls-ca", "/a", "--engine-tls-verification", "none",
        ]
        let loaded = try loader.load(loader.parse(arguments: words), environment: [:])
        let container = ContainerLimits(
            cpuQuotaMilliCPUs: nil, memoryLimitBytes: nil, affinityCPUs: 3, physicalMemoryBytes: 8 << 30)
        let tree = try TemporaryTree(["n.yaml": loaded.rendered(container: container)])
        let again = try loader.load(loader.parse(arguments: ["--config", tree.path + "/n.yaml"]), environment: [:])
        #expect(again.server == loaded.server)
        #expect(loaded.rendered(container: container).contains("  eventLoops: 0  # default; 3 here\n"))
        let defaults = try loader.load(environment: [:]).rendered(container: container)
        #expect(defaults.contains("  maxMemory: 0  # default; 6143MiB here\n"))
    }

    @Test("secrets are hidden, and what is left is a valid file")
    func secrets() throws {
        let loader = ConfigurationLoader(table: .everyKind)
        let resolved = try loader.resolve(environment: ["HOUSE_DOOR_PASSWORD": "swordfish", "HOUSE_DOOR_PIN": "4711"])
            .resolved
        let printed = resolved.rendered()
        #expect(!printed.contains("swordfish") && !printed.contains("4711"))
        #expect(printed.contains("  #password: (hidden)  # environment HOUSE_DOOR_PASSWORD\n"))
        #expect(try resolve(printed, table: .everyKind)["door.password"] == .init(value: .absent, origin: .default))
        #expect(!resolved.described("door.pin").contains("4711"))
    }

    @Test("a file's name cannot break a comment or a line")
    func hostilePath() throws {
        let file = ConfigurationFile(text: "door.isOpen: true", path: "a\nwall: 7\n.yaml", table: .everyKind)
        let resolved = try ConfigurationLoader(table: .everyKind).resolve(file: file).resolved
        #expect(resolved.rendered().contains("  isOpen: true  # file a\\nwall: 7\\n.yaml:1\n"))
    }

    @Test("the help names every flag with its default")
    func help() {
        let help = ConfigurationLoader.flagsHelp
        for key in ConfigurationTable.server.keys {
            #expect(help.contains("  \(key.flags.joined(separator: ", ")) \(key.kind.placeholder)\n"), "\(key.name)")
        }
        #expect(help.contains("default 7400; 0: picks a free one)"))
        #expect(help.split(separator: "\n").allSatisfy { $0.count <= 110 })
    }
}
