//! Sockets, bare. Unsafe inside: addresses and buffers go to the kernel as pointers, which it uses only during the call.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A system call that failed.
struct SystemError: Error, CustomStringConvertible {
    let call: String
    let number: Int32

    static func last(_ call: String) -> SystemError { SystemError(call: call, number: errno) }

    var description: String { "\(call): \(unsafe String(cString: strerror(number)))" }
}

/// A connected stream socket. Whoever made it closes it.
struct Socket: Sendable {
    let descriptor: Int32

    /// Connects, and waits for that.
    static func connect(to address: Address) throws -> Socket {
        switch address {
        case .unix(let path):
            var target = sockaddr_un()
            target.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8) + [0]
            guard bytes.count <= MemoryLayout.size(ofValue: target.sun_path) else {
                throw SystemError(call: "connect to \(path)", number: ENAMETOOLONG)
            }
            unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: bytes) }
            return try unsafe withUnsafePointer(to: &target) {
                try unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    try unsafe connect(AF_UNIX, $0, socklen_t(MemoryLayout<sockaddr_un>.size), "\(address)")
                }
            }
        case .tcp(let host, let port):
            var hints = unsafe addrinfo()
            unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            let status = unsafe getaddrinfo(host == "localhost" ? "127.0.0.1" : host, "\(port)", &hints, &list)
            guard status == 0, let first = unsafe list else {
                throw WrongAnswer("\(host): \(unsafe String(cString: gai_strerror(status)))")
            }
            defer { unsafe freeaddrinfo(list) }
            guard let target = unsafe first.pointee.ai_addr else { throw WrongAnswer("\(host): no address") }
            return try unsafe connect(first.pointee.ai_family, target, first.pointee.ai_addrlen, "\(address)")
        }
    }

    private static func connect(
        _ family: Int32, _ target: UnsafePointer<sockaddr>, _ size: socklen_t, _ name: String
    ) throws -> Socket {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SystemError.last("socket") }
        #if canImport(Glibc)
            let result = unsafe Glibc.connect(descriptor, target, size)
        #else
            let result = unsafe Musl.connect(descriptor, target, size)
        #endif
        guard result == 0 else {
            let error = SystemError.last("connect to \(name)")
            _ = close(descriptor)
            throw error
        }
        let made = Socket(descriptor: descriptor)
        if family != AF_UNIX { made.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1) }
        return made
    }

    /// From now on calls return at once.
    func makeNonBlocking() { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }

    /// From now on a blocking call gives up after so many seconds.
    func setTimeout(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    }

    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Bytes that the kernel keeps for us before the peer has to wait; it takes about twice as much.
    func setReceiveRoom(_ size: Int32) { setOption(SOL_SOCKET, SO_RCVBUF, size) }

    /// Closing it is a reset: the peer learns that what is on its way is not wanted.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    func closeDescriptor() { _ = close(descriptor) }

    /// Receives what has come, into memory that the caller keeps alive and to itself.
    /// - Returns: how many bytes; 0 if the peer has closed the connection; nil if nothing has come.
    func receive(into target: UnsafeMutableRawBufferPointer) throws -> Int? {
        let count = unsafe recv(descriptor, target.baseAddress, target.count, 0)
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return nil }
        throw SystemError.last("receive")
    }

    /// - Returns: how many bytes were taken; nil if there is no room now.
    func send(_ source: UnsafeRawBufferPointer) throws -> Int? {
        #if canImport(Glibc)
            let count = unsafe Glibc.send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
        #else
            let count = unsafe Musl.send(descriptor, source.baseAddress, source.count, Int32(MSG_NOSIGNAL))
        #endif
        if count >= 0 { return count }
        if errno == EAGAIN || errno == EINTR { return nil }
        throw SystemError.last("send")
    }

    /// The process at the other end of a Unix socket; nil for other sockets.
    var peerProcess: Int32? {
        // `struct ucred`, which Glibc's module leaves out: process, user, group.
        var credentials: InlineArray<3, Int32> = [0, 0, 0]
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        let status = unsafe getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size)
        return status == 0 && credentials[0] > 0 ? credentials[0] : nil
    }
}
