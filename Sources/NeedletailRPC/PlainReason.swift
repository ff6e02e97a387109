internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Why a socket could not be bound or connected, as the kernel would say it to a person.
package func plainReason(of error: any Error) -> String {
    switch error {
    case let error as IOError: unsafe String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { plainReason(of: $0.error) } ?? "no address for \(error.host)"
    case ChannelError.connectTimeout: "no answer in time"
    default: "\(error)"
    }
}
