//! Sockets that others connect to, on the loopback interface. Unsafe inside as in Socket.swift.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

extension Socket {
    /// Connections that wait to be accepted.
    private static let backlog: Int32 = 128

    /// A port of the loopback interface that nobody listens on, for a server that cannot pick one itself.
    static func freePort() throws -> Int {
        let bound = try bindToLoopback()
        bound.socket.closeDescriptor()
        return bound.port
    }

    /// Listens on a free port of the loopback interface. Calls on the socket return at once.
    static func listen() throws -> (socket: Socket, port: Int) {
        let bound = try bindToLoopback()
        #if canImport(Glibc)
            let status = Glibc.listen(bound.socket.descriptor, backlog)
        #else
            let status = Musl.listen(bound.socket.descriptor, backlog)
        #endif
        guard status == 0 else {
            let error = SystemError.last("listen")
            bound.socket.closeDescriptor()
            throw error
        }
        bound.socket.makeNonBlocking()
        return bound
    }

    /// A connection that somebody has made; nil if nobody has.
    func accept() throws -> Socket? {
        #if canImport(Glibc)
            let connection = Glibc.accept(descriptor, nil, nil)
        #else
            let connection = Musl.accept(descriptor, nil, nil)
        #endif
        guard connection >= 0 else {
            if errno == EAGAIN || errno == EINTR || errno == ECONNABORTED { return nil }
            throw SystemError.last("accept")
        }
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        let accepted = Socket(descriptor: connection)
        accepted.makeNonBlocking()
        accepted.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        return accepted
    }

    private static func bindToLoopback() throws -> (socket: Socket, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            let error = SystemError.last("bind")
            _ = close(descriptor)
            throw error
        }
        return (Socket(descriptor: descriptor), Int(UInt16(bigEndian: address.sin_port)))
    }
}
