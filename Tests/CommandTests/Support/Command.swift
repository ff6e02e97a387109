//! One run of the command, from its start to its end.

internal import Foundation

struct CommandResult: Sendable {
    /// The exit status; a negative signal if one ended the process.
    let status: Int32
    let outputBytes: [UInt8]
    /// Standard error.
    let errors: String

    var output: String { String(decoding: outputBytes, as: UTF8.self) }
    var outputLines: [String] { output.split(separator: "\n").map(String.init) }
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }

    /// The first line of standard output as JSON.
    func object() throws -> [String: JSONValue] {
        guard let line = outputLines.first else { throw TestFailure("no output; standard error: \(errors)") }
        return try JSONValue.object(line)
    }
}

enum Command {
    /// Generous, for a busy machine; the command itself takes some hundredths of a second.
    private static let secondsMax = 30.0

    /// Runs `needletail arguments` in a directory of its own to its end.
    /// - Throws: `TestFailure` if it does not end in time; it is killed then.
    static func run(
        _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], in directory: URL? = nil
    ) throws -> CommandResult {
        try run(
            Surroundings.binary, arguments, input: input, environment: Surroundings.environment(environment),
            in: directory, secondsMax: secondsMax)
    }

    /// Runs any program. Files stand for its streams, so that nobody waits for anybody.
    static func run(
        _ executable: URL, _ arguments: [String], input: [UInt8] = [], environment: [String: String],
        in directory: URL? = nil, secondsMax: Double
    ) throws -> CommandResult {
        let streams = try TemporaryDirectory()
        func handle(_ name: String, _ bytes: [UInt8] = []) throws -> FileHandle {
            try Data(bytes).write(to: streams.url.appending(path: name))
            return try FileHandle(forUpdating: streams.url.appending(path: name))
        }
        let (input, output, errors) = (try handle("input", input), try handle("output"), try handle("errors"))
        // By hand: a `Process` that has ended is never let go of, nor what it was given. A start with some 1,300 open
        // descriptors crashes: Foundation copies 256 bytes of each name in /proc/self/fd, also at their buffer's end.
        defer { for handle in [input, output, errors] { try? handle.close() } }
        let child = try ChildProcess(
            executable, arguments, in: directory ?? streams.url, environment: environment, input: input, output: output,
            makeErrors: { errors })
        let status = try child.wait(seconds: secondsMax)
        return CommandResult(
            status: status, outputBytes: try [UInt8](Data(contentsOf: streams.url.appending(path: "output"))),
            errors: String(decoding: try Data(contentsOf: streams.url.appending(path: "errors")), as: UTF8.self))
    }
}

/// JSON as the tests compare it.
enum JSONValue: Decodable, Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    /// `text`, which must be exactly one JSON object.
    static func object(_ text: String) throws -> [String: JSONValue] {
        do {
            return try JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
        } catch {
            throw TestFailure("no JSON object: \(text)")
        }
    }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var double: Double? { if case .number(let value) = self { value } else { integer.map(Double.init) } }
    var string: String? { if case .string(let value) = self { value } else { nil } }
    var object: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
    var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
}
