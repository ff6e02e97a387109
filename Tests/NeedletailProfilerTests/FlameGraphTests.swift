//! The drawing is XML, shows shares, and stays small.

import Foundation
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

    @Test func manyWideBoxesAreBoundedToo() {
        // Each is wide enough to be seen, and there are 96 rows of them.
        let lines = (0..<3_000).map { number in
            StackProfile.Line(thread: "loop", frames: (0..<96).map { "f\($0)_\(number)" }, count: 10 + number % 2)
        }
        let svg = FlameGraph.svg(StackProfile(lines: lines), title: "many")
        #expect(svg.split(separator: "<g>").count - 1 <= FlameGraph.boxesMax)
        #expect(svg.contains("<title>loop: 31500 samples, 100%</title>"))
    }

    @Test func aFoldedProfileIsBoundedAndCountsWhatIsLeftOut() {
        let name = String(repeating: "x", count: 200)
        let lines = (0..<1_000).map { number in
            StackProfile.Line(
                thread: "t", frames: Array(repeating: name, count: 95) + ["f\(number)"], count: number == 0 ? 7 : 1)
        }
        let folded = StackProfile(lines: lines).folded
        #expect(folded.utf8.count <= StackProfile.foldedBytesMax + 100)
        #expect(folded.contains(";f0 7\n"), "what was met most stays")
        let counts = folded.split(separator: "\n").compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(counts.reduce(0, +) == 1_006)
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

    @Test func aProgramThatWasReplacedWhileItRunsCanStillBeRead() throws {
        let map = MemoryMap(
            "00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/tool (deleted)",
            program: "/usr/bin/tool (deleted)")
        let mapping = try #require(map.mapping(of: 0x40_0000))
        #expect(mapping.isProgram && mapping.fileName == "tool")
        #expect(ElfFile(path: mapping.readablePath) != nil)
    }
}

@Suite struct ElfFileTests {
    /// A file with one function, `f`, at the addresses 0x1100 to 0x1180, whose code begins at the file's place 0x100.
    private static let file: [UInt8] = {
        var bytes = [UInt8](repeating: 0, count: 0x200)
        func put(_ value: UInt64, at place: Int, bytes count: Int) {
            for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
        }
        // The head: magic number, tables of segments and of sections.
        put(0x0001_0102_464C_457F, at: 0, bytes: 8)
        put(64, at: 32, bytes: 8)
        put(120, at: 40, bytes: 8)
        put(1, at: 56, bytes: 2)
        put(2, at: 60, bytes: 2)
        // A segment.
        put(1, at: 64, bytes: 4)
        put(0x100, at: 72, bytes: 8)
        put(0x1100, at: 80, bytes: 8)
        put(0x100, at: 96, bytes: 8)
        // A table of symbols, whose names are in section 1, and that section.
        put(2, at: 124, bytes: 4)
        put(248, at: 144, bytes: 8)
        put(24, at: 152, bytes: 8)
        put(1, at: 160, bytes: 4)
        put(272, at: 208, bytes: 8)
        // The symbol.
        put(1, at: 248, bytes: 4)
        put(2, at: 252, bytes: 1)
        put(0x1100, at: 256, bytes: 8)
        put(0x80, at: 264, bytes: 8)
        bytes[273] = UInt8(ascii: "f")
        return bytes
    }()

    /// What is found of the function in a file of these bytes.
    private func names(_ bytes: [UInt8]) throws -> [UInt64: String] {
        let path = NSTemporaryDirectory() + "needletail-elf-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        guard let file = ElfFile(path: path) else { return [:] }
        let addresses = [0x100, 0x110].compactMap { file.address(ofFileOffset: $0) }
        return file.functions(at: (addresses + [0x1100]).sorted())
    }

    @Test func aFunctionIsFoundAtItsAddresses() throws {
        #expect(try names(Self.file) == [0x1100: "f", 0x1110: "f"])
    }

    @Test func filesThatAreDamagedDoNoHarm() throws {
        for place in 0..<280 {
            for value in [UInt64.max, UInt64(Int.max), UInt64(Int.max) - 30, 1 << 63] {
                var bytes = Self.file
                for index in 0..<8 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
                _ = try names(bytes)
            }
            _ = try names(Array(Self.file.prefix(place)))
        }
    }

    @Test func filesThatAreCutOffHaveNoNames() {
        #expect(ElfFile(path: "/proc/self/maps") == nil)
        #expect(ElfFile(path: "/nowhere") == nil)
    }
}
