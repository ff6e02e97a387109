//! Threads that do one piece of work after the other, all of them at the same time.
//!
//! Threads: the owner's is worker 0; each other worker has a thread of its own, which sleeps between pieces of work.
//!
//! Always true: `run` returns when all workers have done their part, so that what one wrote in a piece of work, all may read in
//! the next.

internal import NeedletailThreads
internal import Timing

/// A fixed number of workers.
final class ReplayCrew {
    /// What the owner and one other worker share.
    private final class Post: @unchecked Sendable {
        let begin = Signal()
        let end = Signal()
        // Written by the owner while the worker waits for `begin`.
        var work: (@Sendable (Int) -> Void)?

        func serve(_ worker: Int) {
            while true {
                begin.wait()
                guard let work else { return }
                work(worker)
                end.raise()
            }
        }
    }

    let count: Int
    private let posts: [Post]
    private let threads: [DedicatedThread]

    /// - Parameter count: workers, the owner's thread included.
    init(_ count: Int) {
        precondition(count > 0, "a crew has a worker")
        self.count = count
        let posts = (1..<count).map { _ in Post() }
        self.posts = posts
        threads = posts.indices.map { index in
            DedicatedThread("log-replay-\(index + 1)") { posts[index].serve(index + 1) }
        }
    }

    deinit {
        for post in posts {
            post.work = nil
            post.begin.raise()
        }
        for thread in threads { thread.join() }
    }

    /// Has each worker do a piece of work, and waits for all.
    /// - Parameter work: called with each worker's number.
    func run(_ work: @escaping @Sendable (Int) -> Void) {
        for post in posts {
            post.work = work
            post.begin.raise()
        }
        work(0)
        for post in posts { post.end.wait() }
    }
}

extension Signal {
    /// Waits for as long as it takes.
    fileprivate func wait() { wait(until: MonotonicTime(nanoseconds: .max)) }
}
