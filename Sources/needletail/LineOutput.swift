//! What commands write. Where standard output cannot be written any more the command ends: with 0 and without a word if nobody
//! reads it, as behind `head`, who has what he wants; else with why and with 3.

internal import Foundation

/// Lines for standard output, many at once.
struct LineOutput {
    private static let bytesMax = 64 << 10
    private var lines = Data()

    mutating func add(_ line: some Sequence<UInt8>) {
        lines.append(contentsOf: line)
        lines.append(UInt8(ascii: "\n"))
        if lines.count >= Self.bytesMax { flush() }
    }

    mutating func flush() {
        do {
            try FileHandle.standardOutput.write(contentsOf: lines)
        } catch {
            Self.end(error)
        }
        lines.removeAll(keepingCapacity: true)
    }

    private static func end(_ error: any Error) -> Never {
        let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        if cause?.code == Int(EPIPE) { Foundation.exit(0) }
        printError("needletail: standard output cannot be written: \(cause?.localizedDescription ?? "\(error)")")
        Foundation.exit(ExitStatus.failure.rawValue)
    }
}

/// Writes a line to standard output, at once.
func printLine(_ line: some Sequence<UInt8>) {
    var output = LineOutput()
    output.add(line)
    output.flush()
}

/// Writes a line to standard output, at once.
func printLine(_ line: String) { printLine(line.utf8) }

/// Writes a line to standard error. Where nobody reads that, there is nobody to tell.
func printError(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8)) }
