//! What was found, with names: values without ties to the process that they are of.

/// Where CPU time went.
package struct StackProfile: Sendable {
    /// Equal stacks, and how often they were met.
    package struct Line: Sendable, Hashable {
        package let thread: String
        /// The outermost frame first.
        package let frames: [String]
        package let count: Int

        package init(thread: String, frames: [String], count: Int) {
            self.thread = thread
            self.frames = frames
            self.count = count
        }
    }

    package let lines: [Line]
    /// Samples for which there was no room.
    package let lost: Int

    package init(lines: [Line], lost: Int = 0) {
        self.lines = lines
        self.lost = lost
    }

    package var sampleCount: Int { lines.reduce(0) { $0 + $1.count } }

    /// `thread;outermost;...;innermost count`, a line for each stack: what flame graph tools read.
    package var folded: String {
        var text = ""
        for line in lines.sorted(by: { ($0.thread, $0.frames.joined()) < ($1.thread, $1.frames.joined()) }) {
            text += ([line.thread] + line.frames).joined(separator: ";") + " \(line.count)\n"
        }
        return text
    }
}

/// What one thread was doing.
package struct ThreadStack: Sendable, Hashable {
    /// The kernel's number of it.
    package let id: Int32
    package let name: String
    /// The innermost frame first; nil if the thread did not answer.
    package let frames: [String]?
}
