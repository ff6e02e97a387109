//! The drawing is XML, shows shares, and stays small.

import Testing

@testable import NeedletailProfiler

@Suite struct FlameGraphTests {
    private let profile = StackProfile(
        lines: [
            .init(thread: "loop-0", frames: ["main", "Server.serve<A>", "Map.get"], count: 75),
            .init(thread: "loop-0", frames: ["main", "Server.serve<A>", "Map.\"put\" & go"], count: 20),
            .init(thread: "log", frames: ["main", "Log.write"], count: 5),
        ], lost: 2)

    @Test func boxesShowTheirShares() {
        let svg = FlameGraph.svg(profile, title: "A graph")
        #expect(svg.contains("<title>loop-0: 95 samples, 95%</title>"))
        #expect(svg.contains("<title>Map.get: 75 samples, 75%</title>"))
        #expect(svg.contains("100 samples, 2 lost"))
        // A caller is as wide as what it calls: 95% of 1,180.
        #expect(svg.contains("width=\"1121\""))
    }

    @Test func namesAreEscaped() {
        let svg = FlameGraph.svg(profile, title: "<script>")
        #expect(svg.contains("Server.serve&lt;A&gt;"))
        #expect(svg.contains("Map.&quot;put&quot; &amp; go"))
        #expect(!svg.contains("<script"))
    }

    @Test func manyDifferentStacksStaySmall() {
        let lines = (0..<50_000).map { StackProfile.Line(thread: "loop", frames: ["main", "function\($0)"], count: 1) }
        #expect(FlameGraph.svg(StackProfile(lines: lines), title: "many").utf8.count < 100_000)
    }

    @Test func aProfileWithoutSamplesSaysSo() {
        #expect(FlameGraph.svg(StackProfile(lines: []), title: "none").contains("No thread used CPU time"))
    }

    @Test func foldedLinesAreThreadFramesAndCount() {
        #expect(
            profile.folded.split(separator: "\n").first == "log;main;Log.write 5")
    }
}

@Suite struct FrameNameTests {
    @Test(arguments: [
        ("Map.Engine.get(key: Swift.String) -> Swift.Int?", "Map.Engine.get"),
        ("generic specialization <A, B> of Map.Engine.put<A where A: P>(A) throws -> ()", "Map.Engine.put"),
        (
            "closure #1 (Swift.Int) -> () in Map.Engine.each((Swift.Int) -> ()) -> ()",
            "closure #1 in Map.Engine.each"
        ),
        (
            "static Swift.Int.< infix(Swift.Int, Swift.Int) -> Swift.Bool",
            "static Swift.Int.< infix(Swift.Int, Swift.Int) -> Swift.Bool"
        ),
        ("partial apply forwarder for closure #1 () -> () in A.b() -> ()", "closure #1 in A.b"),
        ("Map.Engine.(find in _0A1B2C)(key: Swift.String) -> Swift.Int?", "Map.Engine.find"),
        ("Map.(put in _0A)(_: Map.(Entry in _0B)) -> ()", "Map.put"),
        ("(extension in Map):Swift.Array.popLast() -> A?", "Swift.Array.popLast"),
        ("epoll_wait", "epoll_wait"),
    ])
    func namesAreShort(_ demangled: String, _ short: String) {
        #expect(FrameName.short(demangled) == short)
    }

    @Test func symbolsAreDemangled() {
        // Swift.Array.append(_:)
        #expect(FrameName.readable("$sSa6appendyyxnF") == "Swift.Array.append")
        #expect(FrameName.readable("memcpy") == "memcpy")
        #expect(FrameName.plain("a;b\nc") == "a:b c")
    }
}

@Suite struct MemoryMapTests {
    private let map = MemoryMap(
        """
        00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/tool
        00651000-00652000 r--p 00051000 08:02 173521      /usr/bin/tool
        7f10-7f20 r-xp 00000000 00:00 0
        7ffff7000000-7ffff7100000 r-xp 00026000 08:02 135522 /lib/a path/libc.so.6
        """, program: "/usr/bin/tool")

    @Test func addressesAreFoundInTheCodeTheyBelongTo() {
        #expect(map.mapping(of: 0x40_0000)?.isProgram == true)
        #expect(map.mapping(of: 0x45_1FFF)?.fileOffset == 0x1000)
        #expect(map.mapping(of: 0x45_2000) == nil)
        #expect(map.mapping(of: 0x65_1000) == nil)
        let library = map.mapping(of: 0x7FFF_F700_0001)
        #expect(library?.fileName == "libc.so.6")
        #expect(library?.isFrameless == true)
    }
}

@Suite struct ElfFileTests {
    @Test func filesThatAreCutOffHaveNoNames() {
        #expect(ElfFile(path: "/proc/self/maps") == nil)
        #expect(ElfFile(path: "/nowhere") == nil)
    }
}
