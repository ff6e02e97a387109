//! A plugin is a program of somebody else's: it reads a `PluginRequest` as JSON on standard input and writes a
//! `PluginResponse` as JSON to standard output, and both may be of any size. Its standard error is ours. Whatever it does,
//! it is ended within its time, and what is wrong with it is said in one line.

internal import Foundation
internal import ThriftIDL

struct Plugin {
    /// More than any documentation or code has; an endless answer must end somewhere.
    private static let answerBytesMax = 256 << 20

    let executable: URL
    /// As the user wrote it.
    let name: String
    let timeLimitSeconds: Int

    /// - Parameter name: a path, or a name to look for on `PATH`.
    /// - Throws: `Failure` where there is no such program.
    init(_ name: String, timeLimitSeconds: Int) throws {
        self.name = name
        self.timeLimitSeconds = timeLimitSeconds
        let folders = name.contains("/") ? [""] : Self.searchPath.map { "\($0)/" }
        let found = folders.map { $0 + name }.first { path in
            var isFolder: ObjCBool = false
            let exists = unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
        }
        guard let found else {
            let place = name.contains("/") ? "" : " on PATH (a path needs a '/', as in './\(name)')"
            throw Failure("there is no program '\(name)'\(place) to be run as a plugin")
        }
        executable = URL(filePath: found)
    }

    private static var searchPath: [Substring] {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    }

    /// What the plugin makes of `request`.
    /// - Throws: `Failure`.
    func files(for request: PluginRequest) throws -> [GeneratedFile] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let answer = try run(input: try encoder.encode(request))
        let response: PluginResponse
        do {
            response = try JSONDecoder().decode(PluginResponse.self, from: answer)
        } catch {
            throw Failure("plugin '\(name)' answered something else than JSON with \"files\": \(Self.reason(error))")
        }
        if let errors = response.errors, !errors.isEmpty {
            for error in errors { printError("error: \(error)") }
            throw Failure("plugin '\(name)' refuses the files")
        }
        guard let files = response.files else {
            throw Failure("plugin '\(name)' answered neither \"files\" nor \"errors\"")
        }
        try check(files)
        return files.map { GeneratedFile(name: $0.name, contents: $0.contents) }
    }

    private func check(_ files: [PluginResponse.File]) throws {
        var names: Set<String> = []
        for file in files {
            guard OutputFolder.isName(file.name) else {
                throw Failure(
                    "plugin '\(name)' wants to write '\(file.name)', which is no file in the output folder: "
                        + "expected a name like 'storage.md' or 'api/storage.md'")
            }
            guard names.insert(file.name).inserted else {
                throw Failure("plugin '\(name)' answered two files called '\(file.name)'")
            }
        }
        for file in files {
            for (index, character) in zip(file.name.indices, file.name) where character == "/" {
                guard !names.contains(String(file.name[..<index])) else {
                    throw Failure("plugin '\(name)' answered a file '\(file.name[..<index])' and files within it")
                }
            }
        }
    }

    /// Runs the plugin to its end.
    /// - Returns: its standard output.
    private func run(input: Data) throws -> Data {
        let process = Process()
        process.executableURL = executable
        let answer = Pipe()
        process.standardInput = try Self.handle(holding: input)
        process.standardOutput = answer
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        do {
            try process.run()
        } catch {
            throw Failure("plugin '\(name)' cannot be started: \(Self.reason(error))")
        }
        let deadline = Date(timeIntervalSinceNow: Double(timeLimitSeconds))
        let reader = AnswerReader(answer.fileHandleForReading, bytesMax: Self.answerBytesMax)
        let isComplete =
            reader.wait(until: deadline)
            && ended.wait(wallTimeout: .now() + deadline.timeIntervalSinceNow) == .success
        // It leads a group of its own: whatever it started ends with it.
        if !isComplete { kill(-process.processIdentifier, SIGKILL) }
        if reader.isTooLong { throw Failure("plugin '\(name)' answered more than \(Self.answerBytesMax >> 20) MiB") }
        guard isComplete else { throw Failure("plugin '\(name)' was not done within \(timeLimitSeconds) s") }
        switch (process.terminationReason, process.terminationStatus) {
        case (.exit, 0): return reader.bytes
        case (.exit, let status): throw Failure("plugin '\(name)' failed with status \(status)")
        case (_, let signal): throw Failure("plugin '\(name)' was ended by signal \(signal)")
        }
    }

    /// A file without a name. A pipe would have to be fed while the answer is read, and breaks where the plugin does not
    /// read to the end.
    private static func handle(holding bytes: Data) throws -> FileHandle {
        let path = FileManager.default.temporaryDirectory.appending(path: "thrift-gen-swift-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: path) }
        do {
            try bytes.write(to: path)
            return try FileHandle(forReadingFrom: path)
        } catch {
            throw Failure("the plugin's input cannot be written to '\(path.path)': \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.dataCorrupted(let context), DecodingError.keyNotFound(_, let context),
            DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
            return context.debugDescription + (path.isEmpty ? "" : " (at \(path.dropFirst()))")
        case let error as CocoaError:
            return error.underlying.map { $0.localizedDescription } ?? error.localizedDescription
        default: return "\(error)"
        }
    }
}
