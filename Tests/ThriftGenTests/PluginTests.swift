internal import Foundation
internal import Testing
internal import ThriftIDL

extension ThriftGenTests {
    @Suite("plugins of the compiler")
    struct Plugins {
        private static let idl = "namespace py a\nstruct A { 1: required i32 x = 5 (vt.gt = \"0\") }\n"

        private func run(_ script: String, _ more: String...) throws -> (Workshop, Workshop.Result) {
            let workshop = try Workshop(["a.thrift": Self.idl, "plugin": "#!/bin/sh\n\(script)\n"])
            let result = try workshop.run(
                Workshop.tool("thrift-gen-swift"), ["a.thrift", "--output", "o", "--plugin", "./plugin"] + more)
            return (workshop, result)
        }

        private func answering(_ json: String) -> String { "cat >/dev/null\ncat <<'END'\n\(json)\nEND" }

        @Test("a plugin's files are written instead of Swift, in folders of their own as well")
        func files() throws {
            let (workshop, result) = try run(
                answering(#"{"files": [{"name": "a.txt", "contents": "ä\n"}, {"name": "b/c.txt", "contents": ""}]}"#))
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            #expect(workshop.files(in: "o") == ["a.txt", "b/c.txt"])
            #expect(try workshop.contents("o/a.txt") == "ä\n")
        }

        @Test("a plugin reads the program as JSON, and its options")
        func request() throws {
            let (workshop, result) = try run(
                "cat >request\nprintf '{\"files\": []}'", "--plugin-option", "title=A=B", "--plugin-option", "flag")
            #expect(result.status == 0, "\(result.errors)")
            let json = try workshop.contents("request")
            let request = try JSONDecoder().decode(PluginRequest.self, from: Data(json.utf8))
            #expect(request.options.map { "\($0.name)|\($0.value)" } == ["title|A=B", "flag|"])
            #expect(request.documents.map(\.path) == ["a.thrift"])
            // As other languages see it.
            #expect(json.hasPrefix(#"{"documents":[{"definitions":[{"annotations":[],"fields":["#), "\(json)")
            #expect(
                json.contains(#""defaultValue":{"kind":"integer","value":5},"id":1,"isExplicit":true,"#), "\(json)")
            #expect(json.hasSuffix(#"],"schema":1}"#), "\(json)")
        }

        @Test("a plugin that does not read its input does no harm")
        func unread() throws {
            let (workshop, result) = try run(#"printf '{"files": [{"name": "a", "contents": "b"}]}'"#)
            #expect(result.status == 0 && workshop.files(in: "o") == ["a"], "\(result.errors)")
        }

        @Test("a plugin is found on PATH by its name")
        func path() throws {
            let workshop = try Workshop([
                "a.thrift": Self.idl, "bin/my-plugin": "#!/bin/sh\nprintf '{\"files\": []}'\n",
            ])
            let path = ["PATH": "\(workshop.path("bin")):/usr/bin:/bin"]
            let arguments = ["a.thrift", "--output", "o", "--plugin", "my-plugin"]
            let tool = Workshop.tool("thrift-gen-swift")
            #expect(try workshop.run(tool, arguments, environment: path).status == 0)
            let without = try workshop.run(tool, arguments)
            #expect(without.status == 1 && without.errors.contains("'my-plugin' on PATH"), "\(without.errors)")
        }

        @Test("names that lead out of the folder, and names given twice, are refused")
        func names() throws {
            for name in ["../a", "/tmp/a", "a/../../b", "", ".", "a/", "a//b", "./a"] {
                let (workshop, result) = try run(
                    answering(#"{"files": [{"name": "ok", "contents": ""}, {"name": "\#(name)", "contents": ""}]}"#))
                #expect(result.status == 1 && result.errors.contains("'\(name)'"), "\(result.errors)")
                #expect(workshop.files(in: "") == ["a.thrift", "plugin"])
            }
            let (_, twice) = try run(
                answering(#"{"files": [{"name": "a", "contents": ""}, {"name": "a", "contents": ""}]}"#))
            #expect(twice.status == 1 && twice.errors.contains("two files called 'a'"), "\(twice.errors)")
            let (_, within) = try run(
                answering(#"{"files": [{"name": "a/b", "contents": ""}, {"name": "a", "contents": ""}]}"#))
            #expect(within.status == 1 && within.errors.contains("files within it"), "\(within.errors)")
        }

        @Test(
            "a plugin that fails says so, in one line after its own",
            arguments: [
                ("echo mine >&2; exit 3", "mine\nthrift-gen-swift: plugin './plugin' failed with status 3\n"),
                ("kill -SEGV $$", "was ended by signal 11"),
                ("echo rubbish", "something else than JSON"),
                ("true", "something else than JSON"),
                ("echo '[]'", "something else than JSON"),
                ("echo '{}'", "neither \"files\" nor \"errors\""),
                (#"echo '{"files": [{"name": "a"}]}'"#, "contents"),
                (#"echo '{"files": [{"name": "a", "contents": 5}]}'"#, "files[0].contents"),
                (
                    #"echo '{"errors": ["no struct may be called A", "nor B"]}'"#,
                    "error: no struct may be called A\nerror: nor B\nthrift-gen-swift: plugin './plugin' refuses"
                ),
            ])
        func failures(script: String, message: String) throws {
            let (workshop, result) = try run("cat >/dev/null\n" + script)
            #expect(result.status == 1)
            #expect(result.errors.contains(message), "\(result.errors)")
            #expect(workshop.files(in: "") == ["a.thrift", "plugin"])
        }

        @Test("a plugin that never ends is ended, with what it started")
        func hangs() throws {
            let scripts = [
                "echo $$ >pid\nsleep 1000",
                // Its child keeps the answer open.
                "sleep 1000 & echo $! >pid\nprintf '{\"files\": []}'",
                // It has answered, but stays.
                "echo $$ >pid\nprintf '{\"files\": []}'; exec >&-; sleep 1000",
            ]
            for script in scripts {
                let (workshop, result) = try run(script, "--plugin-time-limit", "1")
                #expect(result.status == 1)
                #expect(result.errors.contains("was not done within 1 s"), "\(result.errors)")
                let pid = try #require(Int32(workshop.contents("pid").trimmingCharacters(in: .newlines)))
                #expect(Self.isGone(pid))
            }
        }

        /// Whether the process has ended, or does so soon.
        private static func isGone(_ pid: Int32) -> Bool {
            for _ in 0..<500 {
                if kill(pid, 0) != 0 { return true }
                let state = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
                if state?.contains(") Z ") ?? true { return true }
                usleep(10_000)
            }
            return false
        }

        @Test("a plugin that cannot be run is named")
        func absent() throws {
            let workshop = try Workshop(["a.thrift": Self.idl, "text": "no program", "bad": "#!/no/such/shell\n"])
            for name in ["./gone", "./text", workshop.url.path] {
                let result = try workshop.compile("a.thrift", "--output", "o", "--plugin", name)
                #expect(result.status == 1 && result.errors.contains("no program '\(name)'"), "\(result.errors)")
            }
            let bad = try workshop.compile("a.thrift", "--output", "o", "--plugin", "./bad")
            #expect(bad.status == 1 && bad.errors.contains("'./bad'"), "\(bad.errors)")
        }
    }
}
