internal import MemoryEngine
internal import NIOCore
internal import NeedletailThreads
internal import StorageEngine

/// The event loops of one server that help each other with large reads.
final class ReadCrew<Engine: StorageEngine>: @unchecked Sendable {
    private let lock = Lock()
    private var members: [(eventLoop: any EventLoop, place: NIOLoopBound<Place>)] = []

    /// Keeps a service, which knows the crew, from being kept by it.
    private struct Place { weak var service: StorageService<Engine>? }

    /// Adds the loop that this is called on.
    func join(_ service: StorageService<Engine>, on eventLoop: any EventLoop) {
        lock.lock()
        defer { lock.unlock() }
        members.append((eventLoop, NIOLoopBound(Place(service: service), eventLoop: eventLoop)))
    }

    /// Asks all other loops to take chunks of `read`, as far as there are some left when they come to it.
    /// - Returns: false if there are no others.
    func call(for read: SharedRead, except caller: any EventLoop) -> Bool {
        lock.lock()
        let members = members
        lock.unlock()
        guard members.count > 1 else { return false }
        for member in members where member.eventLoop !== caller {
            member.eventLoop.execute { member.place.value.service?.help(read) }
        }
        return true
    }
}
