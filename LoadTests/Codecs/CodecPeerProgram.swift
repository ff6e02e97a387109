//! A peer's program: compiled, run as a child, and never trusted before its encodings have been compared.

/// A peer's program, compiled in each of the ways that count.
struct CodecPeerProgram {
    let peer: CodecPeer
    let version: String
    /// By optimization.
    let executables: [(optimization: String, path: String)]
    private let folder: TemporaryDirectory
    private let core: CoreSet?

    private static let compileSecondsMax = 600
    private static let checkSecondsMax = 60

    /// Compiles `peer` into `folder`.
    /// - Parameters:
    ///   - sources: the folder that holds `codecs.thrift` and `peer`.
    ///   - core: where it is to be measured; nil: anywhere.
    /// - Throws: `MissingCodecPeer` where the compiler or the library is not installed.
    init(
        _ peer: CodecPeer, sources: String, compiler: String, optimizations: [String] = CodecPeer.optimizations,
        in folder: TemporaryDirectory, on core: CoreSet?
    ) throws {
        self.peer = peer
        self.folder = folder
        self.core = core
        guard let compiler = ChildProcess.find(compiler) else {
            throw MissingCodecPeer(peer: peer, reason: "there is no C++ compiler (\(compiler))")
        }
        var inputs = ["\(sources)/peer/\(peer.rawValue).cpp"]
        if peer == .thrift {
            guard let generator = ChildProcess.find("thrift") else {
                throw MissingCodecPeer(peer: peer, reason: "its compiler, thrift, is not installed")
            }
            try Self.run(
                peer, generator,
                ["--gen", "cpp:templates,moveable_types,no_skeleton", "-out", folder.path, "\(sources)/codecs.thrift"],
                in: folder)
            inputs += [folder.path("codecs_types.cpp"), "-lthrift"]
        }
        var executables: [(String, String)] = []
        for optimization in optimizations {
            let executable = folder.path(peer.rawValue + optimization)
            try Self.run(
                peer, compiler,
                ["-std=c++17", optimization, "-I\(folder.path)", "-I\(sources)/peer", "-o", executable] + inputs,
                in: folder)
            executables.append((optimization, executable))
        }
        self.executables = executables
        let version = ChildProcess.output(of: executables[0].1, ["version"])?.split(separator: "\n").first
        self.version = version.map(String.init) ?? "unknown version"
    }

    /// What the peer encodes of the messages in its folder, by the name of the message and how it was made.
    func encodings() throws -> [(structure: CodecStructure, format: CodecFormat, way: String, message: [UInt8])] {
        var encodings: [(CodecStructure, CodecFormat, String, [UInt8])] = []
        for (optimization, executable) in executables {
            try Self.run(peer, executable, ["check", folder.path], in: folder, seconds: Self.checkSecondsMax)
            for structure in CodecStructure.allCases {
                for format in peer.formats {
                    for way in peer.ways(for: structure) {
                        let path = folder.path("\(structure.rawValue).\(format.rawValue).\(way)")
                        guard let message = bytes(ofFile: path) else {
                            throw CodecMismatch(what: "\(peer.title) wrote no \(structure.rawValue) as \(format.title)")
                        }
                        encodings.append((structure, format, "\(way) \(optimization)", message))
                    }
                }
            }
        }
        return encodings
    }

    /// Encodes and decodes for about so many milliseconds, in a process of its own.
    func measure(
        _ executable: String, _ structure: CodecStructure, _ format: CodecFormat, way: String, milliseconds: Double
    ) throws -> CodecTimes {
        let message = "\(structure.rawValue).\(format.rawValue)"
        let output = try Self.run(
            peer, executable, ["measure", folder.path, message, way, "\(milliseconds)"], in: folder, on: core,
            seconds: Self.checkSecondsMax + Int(milliseconds / 100))
        let figures = output.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
        guard figures.count == 3 else {
            throw CodecMismatch(what: "\(peer.title) did not measure \(message): \(output)")
        }
        return CodecTimes(encode: figures[0], decode: figures[1])
    }

    /// Runs a program to its end.
    /// - Returns: what it printed.
    @discardableResult
    private static func run(
        _ peer: CodecPeer, _ executable: String, _ arguments: [String], in folder: TemporaryDirectory,
        on core: CoreSet? = nil, seconds: Int = compileSecondsMax
    ) throws -> String {
        let file = folder.path("output")
        let child = try ChildProcess(executable, arguments, on: core, output: file)
        var waitedMillis = 0
        while child.isRunning {
            try Interruption.check()
            guard waitedMillis < seconds * 1_000 else {
                throw CodecMismatch(what: "\(executable) did not end within \(seconds) s")
            }
            ThreadTime.sleep(milliseconds: 5)
            waitedMillis += 5
        }
        let output = contents(ofFile: file) ?? ""
        guard child.hasSucceeded else {
            if let reason = missingPart(output) { throw MissingCodecPeer(peer: peer, reason: reason) }
            throw CodecMismatch(what: "\(executable) failed: \(output)")
        }
        return output
    }

    /// What a compiler or linker misses: a header or a library that is not installed; nil if something else is wrong.
    static func missingPart(_ output: String) -> String? {
        for line in output.split(separator: "\n") {
            // GCC: "fatal error: msgpack.hpp: No such file or directory"; Clang: "fatal error: 'msgpack.hpp' file not found".
            if line.contains("fatal error:"), line.contains("No such file") || line.contains("file not found") {
                return "a header is not installed (\(line.split(separator: ": ").dropFirst(2).joined(separator: ": ")))"
            }
            // GNU ld: "cannot find -lthrift"; lld: "unable to find library -lthrift".
            if line.contains("cannot find -l") || line.contains("unable to find library") {
                return "a library is not installed (\(line.split(separator: ": ").dropFirst().joined(separator: ": ")))"
            }
        }
        return nil
    }
}
