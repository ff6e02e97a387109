//! A blocking TCP socket, bare: what a client does to a server can be said exactly with it.

internal import Foundation

/// A system call that failed.
struct SocketError: Error, CustomStringConvertible {
    let call: String
    let number: Int32
    var description: String { "\(call): errno \(number)" }

    static func last(_ call: String) -> SocketError { SocketError(call: call, number: errno) }
}

final class RawSocket: Sendable {
    /// No call waits longer.
    private static let secondsMax = 20
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var limit = timeval(tv_sec: Self.secondsMax, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    deinit { _ = Foundation.close(descriptor) }

    /// Not inherited by processes that other tests start meanwhile.
    private static func make(_ family: Int32) throws -> RawSocket {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SocketError.last("socket") }
        return RawSocket(descriptor)
    }

    static func connect(port: Int) throws -> RawSocket {
        let socket = try make(AF_INET)
        let result = unsafe withLoopback(port) { unsafe Foundation.connect(socket.descriptor, $0, $1) }
        guard result == 0 else { throw SocketError.last("connect") }
        return socket
    }

    /// A listener that accepts in the kernel and never answers.
    static func listen() throws -> (socket: RawSocket, port: Int) {
        let socket = try make(AF_INET)
        guard unsafe withLoopback(0, { unsafe bind(socket.descriptor, $0, $1) }) == 0 else {
            throw SocketError.last("bind")
        }
        guard Foundation.listen(socket.descriptor, 8) == 0 else { throw SocketError.last("listen") }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(socket.descriptor, $0, &size)
            }
        }
        guard result == 0 else { throw SocketError.last("getsockname") }
        return (socket, Int(UInt16(bigEndian: address.sin_port)))
    }

    private static func withLoopback(
        _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    /// Leaves a socket file that nobody listens on, as a killed server does.
    static func leaveStaleUnixSocket(at path: String) throws {
        let socket = try make(AF_UNIX)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        let result = unsafe withUnsafePointer(to: address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw SocketError.last("bind") }
    }

    /// Sends all of `bytes`; a closed connection is an error, not a signal.
    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw SocketError.last("send")
            }
            sent += count
        }
    }

    /// Sends what the kernel takes now.
    /// - Returns: how many bytes those were; 0 if it takes none.
    func sendWhatFits(_ bytes: ArraySlice<UInt8>) throws -> Int {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
        }
        if count >= 0 { return count }
        guard errno == EAGAIN else { throw SocketError.last("send") }
        return 0
    }

    /// From now on every `send` leaves as a packet of its own.
    func sendAtOnce() throws {
        var on: CInt = 1
        let size = socklen_t(MemoryLayout<CInt>.size)
        guard unsafe setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, size) == 0 else {
            throw SocketError.last("setsockopt")
        }
    }

    /// Closing will reset the connection instead of ending it.
    func resetAtClose() throws {
        var now = linger(l_onoff: 1, l_linger: 0)
        let size = socklen_t(MemoryLayout<linger>.size)
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, size) == 0 else {
            throw SocketError.last("setsockopt")
        }
    }

    /// The next connection to a listening socket.
    func accept() throws -> RawSocket {
        let connection = Foundation.accept(descriptor, nil, nil)
        guard connection >= 0, fcntl(connection, F_SETFD, FD_CLOEXEC) == 0 else { throw SocketError.last("accept") }
        return RawSocket(connection)
    }

    /// Some bytes; none at the end of the stream.
    func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return Array(buffer[..<count]) }
            if errno != EINTR { throw SocketError.last("recv") }
        }
    }

    func receiveToEnd() throws -> [UInt8] {
        var all: [UInt8] = []
        while case let bytes = try receive(), !bytes.isEmpty { all += bytes }
        return all
    }

    /// Says that we will send no more.
    func endSending() throws {
        guard shutdown(descriptor, Int32(SHUT_WR)) == 0 else { throw SocketError.last("shutdown") }
    }
}
