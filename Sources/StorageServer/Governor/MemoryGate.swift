internal import Synchronization

/// Whether writes that make the store grow are let in. Set by the governor's thread, read by each such write: one relaxed
/// load of a word that hardly ever changes.
final class MemoryGate: Sendable {
    private let isClosed = Atomic<Bool>(false)
    private let refusals = Atomic<Int>(0)

    var isOpen: Bool { !isClosed.load(ordering: .relaxed) }

    func set(isOpen: Bool) { isClosed.store(!isOpen, ordering: .relaxed) }

    /// Counts a write that was refused; they are few, or cheap beside what they would have been.
    func countRefusal() { refusals.wrappingAdd(1, ordering: .relaxed) }

    var refusalCount: Int { refusals.load(ordering: .relaxed) }
}
