//! epoll, level-triggered. Unsafe inside: the kernel writes events into an array that the poller owns.

internal import CIntrinsics

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// Waits for sockets to become readable or writable.
@safe
struct Poller: ~Copyable {
    struct Event {
        /// What the socket was added with.
        let tag: Int
        let isReadable: Bool
        let isWritable: Bool
    }

    /// Events taken from the kernel at a time; those beyond it come next time.
    private static let eventsMax = 64

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>

    init() throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError.last("epoll_create1") }
        unsafe events = .allocate(capacity: Self.eventsMax)
        unsafe events.initialize(repeating: epoll_event(), count: Self.eventsMax)
    }

    deinit {
        unsafe events.deallocate()
        _ = close(descriptor)
    }

    func add(_ socket: Socket, tag: Int) throws { try control(EPOLL_CTL_ADD, socket, tag, wantsWritable: false) }

    func change(_ socket: Socket, tag: Int, wantsWritable: Bool) throws {
        try control(EPOLL_CTL_MOD, socket, tag, wantsWritable: wantsWritable)
    }

    private func control(_ operation: Int32, _ socket: Socket, _ tag: Int, wantsWritable: Bool) throws {
        var event = unsafe epoll_event()
        unsafe event.events = EPOLLIN.rawValue | (wantsWritable ? EPOLLOUT.rawValue : 0)
        unsafe event.data.u64 = UInt64(tag)
        guard unsafe epoll_ctl(descriptor, operation, socket.descriptor, &event) == 0 else {
            throw SystemError.last("epoll_ctl")
        }
    }

    /// Waits for events.
    /// - Parameter timeoutMillis: 0 returns at once.
    /// - Returns: how many there are, to be asked for by index.
    func wait(timeoutMillis: Int32) throws -> Int {
        try checked(unsafe epoll_wait(descriptor, events, Int32(Self.eventsMax), timeoutMillis))
    }

    /// Waits for events as `wait(timeoutMillis:)` does, with a finer timeout; timers of the kernel end it some 50 us late.
    func wait(timeoutNanoseconds: Int64) throws -> Int {
        #if canImport(Glibc)
            let (seconds, rest) = max(timeoutNanoseconds, 0).quotientAndRemainder(dividingBy: 1_000_000_000)
            var timeout = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
            return try checked(unsafe epoll_pwait2(descriptor, events, Int32(Self.eventsMax), &timeout, nil))
        #else
            // Musl has no such call.
            return try wait(timeoutMillis: Int32(clamping: (timeoutNanoseconds + 999_999) / 1_000_000))
        #endif
    }

    /// How many events a wait has brought.
    private func checked(_ count: Int32) throws -> Int {
        if count >= 0 { return Int(count) }
        if errno == EINTR { return 0 }
        throw SystemError.last("epoll_wait")
    }

    /// Event `index` of the last wait. A socket that failed counts as readable: reading says why.
    func event(_ index: Int) -> Event {
        precondition(index >= 0 && index < Self.eventsMax)
        let tag = unsafe Int(events[index].data.u64)
        let flags = unsafe events[index].events
        return Event(
            tag: tag, isReadable: flags & (EPOLLIN.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0,
            isWritable: flags & EPOLLOUT.rawValue != 0)
    }
}
