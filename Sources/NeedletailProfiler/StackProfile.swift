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

        fileprivate var folded: String { ([thread] + frames).joined(separator: ";") + " \(count)\n" }
    }

    package let lines: [Line]
    /// Samples for which there was no room.
    package let lost: Int

    package init(lines: [Line], lost: Int = 0) {
        self.lines = lines
        self.lost = lost
    }

    package var sampleCount: Int { lines.reduce(0) { $0 + $1.count } }

    /// Of `folded`.
    package static let foldedBytesMax = 8 << 20

    /// `thread;outermost;...;innermost count`, a line for each stack: what flame graph tools read. Where that would be longer
    /// than `foldedBytesMax`, the stacks that were met least are one line.
    package var folded: String {
        var texts: [String] = []
        var (byteCount, leftOut) = (0, 0)
        for line in lines.sorted(by: { $0.count > $1.count }) {
            let text = line.folded
            byteCount += text.utf8.count
            if byteCount <= Self.foldedBytesMax { texts.append(text) } else { leftOut += line.count }
        }
        if leftOut > 0 { texts.append("(left out);(too many stacks that differ) \(leftOut)\n") }
        return texts.sorted().joined()
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
