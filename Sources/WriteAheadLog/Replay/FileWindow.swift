//! The part of a file that is in memory while the file is read from front to back. One window serves one file after the
//! other. Its owner moves it; while it stands still, any thread may read what it shows.
//!
//! Unsafe inside: raw memory, owned by the window and freed in `deinit`.

@safe
final class FileWindow: @unchecked Sendable {
    /// What is read at once for each thread: little enough to be in its core's cache still when it is decoded.
    static let bytesDefault = 1 << 20

    private var file: (any LogFile)?
    /// The size of the file.
    private(set) var fileBytes = 0
    /// Where in the file the window begins and ends.
    private(set) var range = 0..<0
    private var memory: UnsafeMutableRawBufferPointer
    private var seal = RecordSeal.none

    /// - Parameter readers: threads that will share what is shown. The window grows for a longer record, and stays so.
    init(readers: Int = 1) {
        unsafe memory = .allocate(byteCount: readers * Self.bytesDefault, alignment: 4_096)
    }

    deinit { unsafe memory.deallocate() }

    /// Turns to a file.
    /// - Parameter seal: of its records.
    func look(at file: any LogFile, _ seal: RecordSeal) throws(LogStorageError) {
        fileBytes = try file.size()
        self.seal = seal
        self.file = file
        range = 0..<0
    }

    /// Has the window show the file from `offset` on, at least `count` bytes of it, or up to its end.
    func show(_ count: Int, from offset: Int) throws(LogStorageError) {
        let end = min(offset + count, fileBytes)
        if range.contains(offset) || offset == range.upperBound, end <= range.upperBound { return }
        grow(to: count)
        // What is there already moves to the front.
        let kept = range.contains(offset) ? range.upperBound - offset : 0
        if kept > 0, let start = unsafe memory.baseAddress {
            unsafe start.copyMemory(from: start + (offset - range.lowerBound), byteCount: kept)
        }
        range = offset..<(offset + kept)
        let wanted = unsafe min(memory.count, fileBytes - offset)
        guard wanted > kept, let file else { return }
        var rest = unsafe MutableRawSpan(_unsafeBytes: UnsafeMutableRawBufferPointer(rebasing: memory[kept..<wanted]))
        let read = try file.read(at: offset + kept, into: &rest)
        range = offset..<(offset + kept + read)
        // Shorter than it was said to be: somebody cut it in between.
        if read < wanted - kept { fileBytes = range.upperBound }
    }

    private func grow(to count: Int) {
        guard unsafe count > memory.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4_096)
        if let to = larger.baseAddress, let from = unsafe memory.baseAddress {
            unsafe to.copyMemory(from: from, byteCount: range.count)
        }
        unsafe memory.deallocate()
        unsafe memory = larger
    }

    /// Reads records of what is shown, at indices from the beginning of `range`. Used until the window is moved.
    var records: RecordDecoder {
        unsafe RecordDecoder(UnsafeRawBufferPointer(rebasing: memory[..<range.count]), seal)
    }

    /// What is shown.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: memory[..<range.count])
            return unsafe _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
        }
    }
}
