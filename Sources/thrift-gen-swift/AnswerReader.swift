internal import Foundation

/// Reads a pipe to its end on a thread of its own, so that whoever waits for it may give up.
final class AnswerReader: @unchecked Sendable {
    // `condition` guards what can change.
    private let condition = NSCondition()
    private var read = Data()
    private var hasEnded = false
    private let pipe: FileHandle
    private let bytesMax: Int

    init(_ pipe: FileHandle, bytesMax: Int) {
        self.pipe = pipe
        self.bytesMax = bytesMax
        Thread { [self] in readToEnd() }.start()
    }

    private func readToEnd() {
        var isLast = false
        while !isLast {
            let chunk = pipe.availableData
            condition.withLock {
                read += chunk
                isLast = chunk.isEmpty || read.count > bytesMax
                hasEnded = isLast
                condition.broadcast()
            }
        }
    }

    /// Whether everything was read before `deadline`.
    func wait(until deadline: Date) -> Bool {
        condition.withLock {
            while !hasEnded, condition.wait(until: deadline) {}
            return hasEnded && read.count <= bytesMax
        }
    }

    var bytes: Data { condition.withLock { read } }
    var isTooLong: Bool { condition.withLock { read.count > bytesMax } }
}
