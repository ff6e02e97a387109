//! What a process that does not end is doing, for the error that says so.

internal import Foundation

extension ChildProcess {
    /// What is shown of standard error: its end.
    private static let errorCharactersMax = 4_000

    /// The state of a process or thread, as `ps` shows it: R, S, D, T, Z; empty if it is gone.
    /// - Parameter directory: its own in `/proc`.
    static func state(at directory: String) -> String {
        // The command's name, in brackets, may hold spaces.
        text("\(directory)/stat").split(separator: ")").last?.split(separator: " ").first.map(String.init) ?? ""
    }

    /// The process's state, what its threads wait for in the kernel, and what it wrote to standard error so far.
    var whereabouts: String {
        let directory = "/proc/\(processIdentifier)"
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/task")) ?? []
        let places = threads.sorted().map { thread in
            let task = "\(directory)/task/\(thread)"
            let (name, place) = (Self.text("\(task)/comm"), Self.text("\(task)/wchan"))
            return "thread \(thread) \(name): state \(Self.state(at: task)), in \(place)"
        }
        let lines = ["state \(Self.state(at: directory))"] + places + ["standard error: \(writtenErrors)"]
        return lines.joined(separator: "\n")
    }

    /// Where standard error is a file, what is in it. Of a pipe nothing may be taken: its reader has it.
    private var writtenErrors: String {
        let files = FileManager.default
        guard let path = try? files.destinationOfSymbolicLink(atPath: "/proc/\(processIdentifier)/fd/2") else {
            return "gone"
        }
        guard (try? files.attributesOfItem(atPath: path))?[.type] as? FileAttributeType == .typeRegular else {
            return path
        }
        return String(Self.text(path).suffix(Self.errorCharactersMax))
    }

    private static func text(_ path: String) -> String {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
