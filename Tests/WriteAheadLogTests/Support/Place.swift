import Foundation
import LogSimulation
import WriteAheadLog

/// Where a storage is: one behaviour, two ways to it.
enum Way: String, CaseIterable, Sendable {
    case file, simulated

    /// An empty storage, which ends with the place.
    func makePlace() throws -> Place {
        switch self {
        case .simulated: return Place(SimulatedLogStorage(), directory: nil)
        case .file:
            let directory = TemporaryDirectory()
            return Place(try FileLogStorage(directory: directory.path, create: false), directory: directory)
        }
    }
}

struct Place {
    let storage: any LogStorage
    private let directory: TemporaryDirectory?

    init(_ storage: any LogStorage, directory: TemporaryDirectory?) {
        self.storage = storage
        self.directory = directory
    }
}

/// A directory of its own for a test, removed with what is in it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() {
        let name = "needletail-log-\(UInt64.random(in: 0 ... .max))"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        // It fails as a storage if it fails here.
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
