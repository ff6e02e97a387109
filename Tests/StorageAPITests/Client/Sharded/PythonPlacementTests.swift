import Foundation
import NIOCore
import StorageAPI
import Testing

@Suite struct PythonPlacementTests {
    @Test(
        .enabled(if: Python.hasHash, "needs NEEDLETAIL_TEST_PYTHON with Tests/Python/requirements.txt"),
        arguments: [2, 3, 7, 1_000])
    func theExampleInPythonPlacesKeysAlike(serverCount: Int) throws {
        var state: UInt64 = 7
        let keys = (0..<5_000).map { number in
            ByteBuffer(
                bytes: (0...number % 80).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return UInt8(truncatingIfNeeded: state >> 56)
                })
        }
        let lines = keys.map { key in
            key.readableBytesView.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        }
        let result = try Python.run([Python.script, "\(serverCount)"], input: lines.joined(separator: "\n") + "\n")
        #expect(result.status == 0)
        let placement = KeyPlacement(serverCount: serverCount)
        #expect(result.output.split(separator: "\n").map { Int($0) } == keys.map { placement.server(of: $0) })
    }
}

/// What NEEDLETAIL_TEST_PYTHON names, else the first `python3` of PATH.
private enum Python {
    static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Python/examples/placement.py").standardized.path

    /// Whether the package `xxhash` is there.
    static let hasHash = (try? run(["-c", "import xxhash"], input: ""))?.status == 0

    static func run(_ arguments: [String], input: String) throws -> (status: Int32, output: String) {
        let process = Process()
        let python = ProcessInfo.processInfo.environment["NEEDLETAIL_TEST_PYTHON"]
        process.executableURL = URL(filePath: python ?? "/usr/bin/env")
        process.arguments = (python == nil ? ["python3"] : []) + arguments
        // A file stands for the input, so that nobody waits for anybody.
        let file = FileManager.default.temporaryDirectory.appending(path: "placement-\(UUID().uuidString)")
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }
}
