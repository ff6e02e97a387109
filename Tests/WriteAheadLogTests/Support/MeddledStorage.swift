import LogSimulation
import WriteAheadLog

/// A storage in which something happens whenever a file is opened.
struct MeddledStorage: LogStorage {
    let storage: SimulatedLogStorage
    let meddle: @Sendable (String) -> Void

    var path: String { storage.path }
    func list() throws(LogStorageError) -> [String] { try storage.list() }
    func open(_ name: String, _ mode: LogFileMode) throws(LogStorageError) -> any LogFile {
        meddle(name)
        return try storage.open(name, mode)
    }
    func rename(_ name: String, to newName: String) throws(LogStorageError) { try storage.rename(name, to: newName) }
    func remove(_ name: String) throws(LogStorageError) { try storage.remove(name) }
    func syncDirectory() throws(LogStorageError) { try storage.syncDirectory() }
    func lock(_ name: String) throws(LogStorageError) -> LogStorageLock? { try storage.lock(name) }
}
