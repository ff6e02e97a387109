//! What the calls to the system share: a descriptor that closes itself, and errors.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// An open descriptor, closed when this ends.
final class FileDescriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    // What `close` says is of no use: data was synced before, or is not asked for.
    deinit { close(number) }
}

/// Calls the system, again if a signal came in between.
/// - Parameter call: returns -1 for an error, which is in `errno`.
@discardableResult
func posix<Number: SignedInteger>(
    _ operation: LogStorageError.Operation, _ file: String, _ call: () -> Number
) throws(LogStorageError) -> Number {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw .posix(operation, file, errno) }
    }
}

extension LogStorageError {
    /// The error of a call that left this `errno`.
    static func posix(_ operation: Operation, _ file: String, _ code: Int32) -> Self {
        // `strerror` is safe to use from several threads in glibc (since 2.32) and musl.
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return Self(operation, file: file, code: code, reason: reason)
    }
}
