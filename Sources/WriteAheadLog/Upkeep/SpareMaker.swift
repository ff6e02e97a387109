//! Makes a segment ready before it is needed: a file of zeros, written and synced, so that the thread that commits only
//! has to rename it, and its syncs never wait for the file system to find space.

/// A spare that is being made, in small steps.
struct SpareMaker {
    /// Written in one step.
    static let stepBytes = 1 << 20

    private let storage: any LogStorage
    private let name: String
    private let size: Int
    private let file: any LogFile
    private var offset = 0

    init(_ storage: any LogStorage, name: String, size: Int) throws(LogStorageError) {
        self.storage = storage
        self.name = name
        self.size = size
        file = try storage.open(LogFormat.temporaryName(name), .create)
        do {
            try file.allocate(size)
        } catch {
            try? storage.remove(file.name)
            throw error
        }
    }

    /// Does a little.
    /// - Returns: the spare's name once it is ready; nil before.
    /// - Throws: what went wrong; the spare was given up.
    mutating func step() throws(LogStorageError) -> String? {
        do throws(LogStorageError) {
            if offset < size {
                let end = min(size, offset + Self.stepBytes)
                try file.writeZeros(from: offset, to: end)
                offset = end
                return nil
            }
            try file.syncData()
            try storage.rename(file.name, to: name)
            try storage.syncDirectory()
            return name
        } catch {
            abandon()
            throw error
        }
    }

    func abandon() { try? storage.remove(file.name) }
}
