//! How many ways into the service are open at the same time. Each over TCP has threads, sockets and perhaps a Redis of its
//! own, and there are hundreds of test cases, which all begin at once. (With some 1,400 descriptors open, Foundation's
//! `Process` reads beyond its buffer when it starts another process.)

actor OpenWays {
    private static let most = 16
    static let overTCP = OpenWays()

    private var free = most
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Returns when there is a place for one more.
    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
