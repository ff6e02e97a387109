internal import Foundation
internal import Testing

extension ThriftGenTests {
    @Suite("the compiler's command")
    struct Compile {
        private let point = "struct Point { 1: required i32 x, 2: required i32 y }\n"

        @Test(
            "wrong usage ends with 2, and says what is wrong",
            arguments: [
                ([], "FILE"), (["a.thrift"], "--output"), (["--output", "o"], "<file>"),
                (["a.thrift", "--output", "o", "--no-such-flag"], "--no-such-flag"),
                (["a.thrift", "--output", "o", "--plugin-option", "a=b"], "--plugin"),
                (["a.thrift", "--output", "o", "--plugin", "p", "--plugin-option", "=b"], "=b"),
                (["a.thrift", "--output", "o", "--plugin", "p", "--plugin-time-limit", "0"], "1 second"),
                (["a.thrift", "--output", ""], "--output"),
            ] as [([String], String)])
        func usage(arguments: [String], message: String) throws {
            let workshop = try Workshop(["a.thrift": point])
            let result = try workshop.run(Workshop.tool("thrift-gen-swift"), arguments)
            #expect(result.status == 2)
            #expect(result.errors.contains(message), "\(result.errors)")
            #expect(result.output.isEmpty)
            #expect(workshop.files(in: "") == ["a.thrift"])
        }

        @Test("help and version are no errors")
        func help() throws {
            let workshop = try Workshop()
            let help = try workshop.compile("--help")
            #expect(help.status == 0 && help.output.contains("--plugin"))
            let version = try workshop.compile("--version")
            #expect(version.status == 0)
            // One version for the whole package.
            let service = Workshop.repository.appending(path: "Sources/StorageServer/Lifecycle/StorageServer.swift")
            let number = version.output.trimmingCharacters(in: .newlines)
            #expect(try String(contentsOf: service, encoding: .utf8).contains("needletailVersion = \"\(number)\""))
        }

        @Test("writes a file for each file, and makes the folder")
        func output() throws {
            let workshop = try Workshop(["idl/point.thrift": point, "idl/line.thrift": "include \"point.thrift\""])
            let result = try workshop.compile("idl/point.thrift", "idl/line.thrift", "--output", "made/for/it")
            #expect(result.status == 0 && result.errors.isEmpty && result.output.isEmpty, "\(result.errors)")
            #expect(workshop.files(in: "made/for/it") == ["line.thrift.swift", "point.thrift.swift"])
            #expect(try workshop.contents("made/for/it/point.thrift.swift").contains("public struct Point"))
        }

        @Test("errors are shown as compilers show them, and nothing is written")
        func errors() throws {
            let workshop = try Workshop(["a.thrift": point, "b.thrift": "struct B { 1: Nothing n }\n"])
            let result = try workshop.compile("a.thrift", "b.thrift", "--output", "o")
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("b.thrift:1:15: error: "), "\(result.errors)")
            #expect(result.errors.contains("\nstruct B { 1: Nothing n }\n              ^"), "\(result.errors)")
            #expect(workshop.files(in: "") == ["a.thrift", "b.thrift"])
        }

        @Test("what cannot be compiled to Swift is an error, too")
        func swiftErrors() throws {
            let workshop = try Workshop([
                "a.thrift": "namespace swift M\nstruct A { 1: i32 i (vt.min_size = \"1\") }\n"
            ])
            let result = try workshop.compile("a.thrift", "--output", "o")
            #expect(result.status == 1)
            #expect(result.errors.contains("a.thrift:2:") && result.errors.contains("vt.min_size"), "\(result.errors)")
            #expect(workshop.files(in: "") == ["a.thrift"])
        }

        @Test("files that are missing, or are none, are named")
        func missing() throws {
            let workshop = try Workshop(["folder.thrift/x": "", "a.thrift": "include \"gone.thrift\""])
            let result = try workshop.compile("b.thrift", "folder.thrift", "a.thrift", "--output", "o")
            #expect(result.status == 1)
            for expected in ["'b.thrift'", "'folder.thrift' cannot be read: Is a directory", "'gone.thrift'"] {
                #expect(result.errors.contains(expected), "\(result.errors)")
            }
        }

        @Test("what is no regular file is not waited for, and what is too large not compiled")
        func irregular() throws {
            let workshop = try Workshop(["a.thrift": "include \"pipe.thrift\"\n", "large.thrift": ""])
            #expect(try workshop.run(URL(filePath: "/usr/bin/mkfifo"), ["pipe.thrift"]).status == 0)
            let large = try FileHandle(forWritingTo: workshop.url.appending(path: "large.thrift"))
            try large.truncate(atOffset: (64 << 20) + 1)
            try large.close()
            let result = try workshop.compile("a.thrift", "large.thrift", "--output", "o")
            #expect(result.status == 1)
            for expected in [
                "'pipe.thrift' cannot be read: Not a regular file", "'large.thrift' cannot be read: More than 64 MiB",
            ] {
                #expect(result.errors.contains(expected), "\(result.errors)")
            }
        }

        @Test("included files are looked for beside the file, then in the folders of -I, in order")
        func includes() throws {
            let workshop = try Workshop([
                "a/a.thrift": "include \"shared.thrift\"\nstruct A { 1: shared.S s }\n",
                "one/other.thrift": point, "two/shared.thrift": "struct S { 1: i32 two }\n",
                "three/shared.thrift": "struct S { 1: i32 three }\n",
            ])
            let without = try workshop.compile("a/a.thrift", "-I", "one", "--output", "o")
            #expect(without.status == 1 && without.errors.contains("one/shared.thrift"), "\(without.errors)")
            let with = try workshop.compile(
                "a/a.thrift", "-I", "one", "-Itwo", "-I", "three", "--output", "o")
            #expect(with.status == 0, "\(with.errors)")
            #expect(try workshop.contents("o/shared.thrift.swift").contains("var two"))
        }

        @Test("a warning is said and does no harm; with --strict it is an error")
        func warnings() throws {
            let workshop = try Workshop(["a.thrift": "struct A { i32 withoutID }\n"])
            let strict = try workshop.compile("a.thrift", "--output", "o", "--strict")
            #expect(strict.status == 1 && strict.errors.contains("a.thrift:1:12: error: "), "\(strict.errors)")
            #expect(workshop.files(in: "") == ["a.thrift"])
            let lenient = try workshop.compile("a.thrift", "--output", "o")
            #expect(lenient.status == 0 && lenient.errors.contains("a.thrift:1:12: warning: "), "\(lenient.errors)")
            #expect(workshop.files(in: "o") == ["a.thrift.swift"])
        }

        @Test("what does not change is not touched; what does is replaced whole")
        func untouched() throws {
            let workshop = try Workshop(["a.thrift": point, "b.thrift": "struct B { 1: i32 b }\n"])
            func number(_ name: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: workshop.path(name))[.systemFileNumber] as? Int
            }
            #expect(try workshop.compile("a.thrift", "b.thrift", "--output", "o").status == 0)
            let (a, b) = (try number("o/a.thrift.swift"), try number("o/b.thrift.swift"))
            try workshop.write("struct B { 1: i32 changed }\n", to: "b.thrift")
            #expect(try workshop.compile("a.thrift", "b.thrift", "--output", "o").status == 0)
            #expect(try number("o/a.thrift.swift") == a)
            #expect(try number("o/b.thrift.swift") != b)
            #expect(try workshop.contents("o/b.thrift.swift").contains("changed"))
            #expect(workshop.files(in: "o") == ["a.thrift.swift", "b.thrift.swift"])
        }

        @Test("an output folder that cannot be written is an error, and no file of several is changed")
        func unwritable() throws {
            let workshop = try Workshop([
                "a.thrift": point, "b.thrift": "struct B { 1: i32 b }\n", "file": "", "o/b.thrift.swift/x": "",
                "o/a.thrift.swift": "old",
            ])
            let file = try workshop.compile("a.thrift", "--output", "file")
            #expect(file.status == 1 && file.errors.contains("'file"), "\(file.errors)")
            let folder = try workshop.compile("a.thrift", "b.thrift", "--output", "o")
            #expect(folder.status == 1 && folder.errors.contains("'o/b.thrift.swift'"), "\(folder.errors)")
            #expect(try workshop.contents("o/a.thrift.swift") == "old")
            #expect(workshop.files(in: "o") == ["a.thrift.swift", "b.thrift.swift/x"])
        }
    }
}
