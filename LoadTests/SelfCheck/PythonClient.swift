//! The independent client: a program in Python that measures the same server, in a process of its own.

internal import Foundation

struct PythonClient {
    /// What the program says at its end; times in nanoseconds.
    struct Figures: Codable, Hashable, Sendable {
        var samples: Int
        var p50: Int64
        var p99: Int64
        var wrong: Int
    }

    static let script = "latency_client.py"
    /// For getting up, beyond the time that it measures.
    private static let startSecondsMax = 20.0
    private static let pollMillis = 5

    private let executable: String
    private let path: String
    private let cores: CoreSet?
    private let keys: KeySpace
    let version: String

    /// - Parameters:
    ///   - sources: the folder that holds the script.
    ///   - cores: where it is to run; nil: everywhere.
    /// - Throws: `ServerError` where Python is not installed.
    init(_ python: String, sources: String, _ keys: KeySpace, on cores: CoreSet?) throws {
        guard let executable = ChildProcess.find(python) else { throw ServerError("\(python) is not installed") }
        self.executable = executable
        path = "\(sources)/\(Self.script)"
        self.cores = cores
        self.keys = keys
        version = ServerKind.version(of: executable)
    }

    /// Has it measure.
    /// - Parameter isNull: whether the server answers the same to everything, so that values cannot be compared.
    func measure(_ address: Address, rate: Double, seconds: Double, seed: UInt64, isNull: Bool) throws -> Figures {
        guard case .tcp(let host, let port) = address else {
            throw ServerError("the client in Python speaks TCP only")
        }
        let folder = try TemporaryDirectory()
        let output = folder.path("output")
        let child = try ChildProcess(
            executable,
            [
                path, "--host", host, "--port", "\(port)", "--rate", "\(rate)", "--seconds", "\(seconds)", "--keys",
                "\(keys.count)", "--value-size", "\(keys.valueSize)", "--seed", "\(seed)",
            ] + (isNull ? ["--unchecked"] : []), on: cores, output: output)
        defer { child.stop() }
        var waited = 0.0
        while child.isRunning {
            try Interruption.check()
            guard waited < seconds + Self.startSecondsMax else {
                throw ServerError("the client in Python did not end in time")
            }
            ThreadTime.sleep(milliseconds: Self.pollMillis)
            waited += Double(Self.pollMillis) / 1_000
        }
        let said = contents(ofFile: output) ?? ""
        guard child.hasSucceeded, let figures = try? JSONDecoder().decode(Figures.self, from: Data(said.utf8)) else {
            throw ServerError("the client in Python failed: \(said)")
        }
        guard figures.wrong == 0 else { throw WrongAnswer("the client in Python saw \(figures.wrong) wrong answers") }
        return figures
    }
}
