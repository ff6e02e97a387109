//! What goes to the terminal: results on standard output, progress on standard error, and only if a person looks at it.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

enum Console {
    /// Whether standard error is a terminal.
    static let isLive = isatty(2) == 1

    static func line(_ text: String = "") { write(1, text + "\n") }

    /// A remark that is no result.
    static func note(_ text: String) { write(2, (isLive ? "\r\u{1b}[K" : "") + text + "\n") }

    /// Replaces the line on which progress is shown; nothing where nobody looks.
    static func progress(_ text: String) {
        if isLive { write(2, "\r\u{1b}[K" + text) }
    }

    static func endProgress() {
        if isLive { write(2, "\r\u{1b}[K") }
    }

    /// The line of a second that has passed.
    static func second(_ figures: SecondFigures, _ what: String, _ pace: Pace) {
        progress(
            """
            \(what): \(figures.elapsedSeconds) s, \(grouped(Int(figures.calls))) requests/s, \
            P50 \(duration(nanoseconds: figures.p50Nanoseconds)), P99 \(duration(nanoseconds: figures.p99Nanoseconds)) \
            (\(pace.name))
            """)
    }

    private static func write(_ descriptor: Int32, _ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Self.write(descriptor, $0) }
            guard count > 0 else {
                // Nobody reads the results any more.
                if descriptor == 1, errno == EPIPE { Interruption.request() }
                return
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            unsafe Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}
