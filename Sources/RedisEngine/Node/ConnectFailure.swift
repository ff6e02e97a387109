//! Why a connection could not be made, as the kernel would say it to a person.

internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

func plainReason(of error: any Error) -> String {
    switch error {
    case let error as IOError: unsafe String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
        error.connectionErrors.first.map { plainReason(of: $0.error) } ?? "no address for \(error.host)"
    case ChannelError.connectTimeout: "no answer in time"
    default: "\(error)"
    }
}

/// Whether the other side refused nothing, but was not heard of.
func isTimeout(_ error: any Error) -> Bool {
    switch error {
    case ChannelError.connectTimeout: true
    case let error as NIOConnectionError:
        !error.connectionErrors.isEmpty && error.connectionErrors.allSatisfy { isTimeout($0.error) }
    default: false
    }
}
