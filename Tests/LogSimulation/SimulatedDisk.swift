//! A directory on a simulated disk, as a value: copied to try many ends of one story.

/// Everything that a simulated directory holds, synced or not.
package struct SimulatedDisk: Sendable {
    private enum NameChange: Sendable {
        case create(String, file: Int)
        case rename(String, to: String, file: Int)
        case remove(String)
    }

    /// By number, as file systems know them; those without a name too, as long as the machine runs.
    private(set) var files: [Int: SimulatedFile] = [:]
    private var cachedNames: [String: Int] = [:]
    private var durableNames: [String: Int] = [:]
    private var pending: [NameChange] = []
    private var fileCount = 0
    /// Bytes that fit.
    package var capacity = Int.max

    package init() {}

    // MARK: As programs see it

    /// In alphabetical order.
    package var names: [String] { cachedNames.keys.sorted() }

    /// What a file holds; nil if there is none.
    package func contents(_ name: String) -> [UInt8]? { cachedNames[name].flatMap { files[$0] }?.cached.contents }

    /// Bytes that files with a name take.
    package var usedBytes: Int { cachedNames.values.reduce(0) { $0 + (files[$1]?.reserved ?? 0) } }

    func file(_ name: String) -> Int? { cachedNames[name] }

    subscript(file number: Int) -> SimulatedFile {
        get {
            guard let file = files[number] else { preconditionFailure("a file that was never there") }
            return file
        }
        _modify { yield &files[number, default: SimulatedFile()] }
    }

    mutating func create(_ name: String) -> Int {
        fileCount += 1
        files[fileCount] = SimulatedFile()
        cachedNames[name] = fileCount
        pending.append(.create(name, file: fileCount))
        return fileCount
    }

    mutating func rename(_ name: String, to newName: String) {
        guard let file = cachedNames.removeValue(forKey: name) else { return }
        cachedNames[newName] = file
        pending.append(.rename(name, to: newName, file: file))
    }

    mutating func remove(_ name: String) {
        cachedNames[name] = nil
        pending.append(.remove(name))
    }

    mutating func syncNames() {
        durableNames = cachedNames
        pending = []
    }

    // MARK: From outside

    /// The machine loses its power and starts again: of what was not synced, any part is left.
    package mutating func crash(_ generator: inout SimulationGenerator) {
        let loss = CrashLoss.random(&generator)
        for change in pending where loss.keeps(&generator) {
            switch change {
            case .create(let name, let file):
                durableNames[name] = file
            case .rename(_, let newName, let file):
                // The file has no other name then, whatever was lost before.
                for old in durableNames.filter({ $0.value == file }).keys { durableNames[old] = nil }
                durableNames[newName] = file
            case .remove(let name):
                durableNames[name] = nil
            }
        }
        pending = []
        cachedNames = durableNames
        let named = Set(durableNames.values)
        for file in files.keys.sorted() {
            if named.contains(file) {
                self[file: file].crash(loss, &generator)
            } else {
                files[file] = nil
            }
        }
    }

    /// Turns a bit of what is on disk around.
    /// - Precondition: the file is there and as long.
    package mutating func flipBit(_ name: String, _ offset: Int, bit: Int) {
        damage(name) { $0.write([$0.byte(at: offset) ^ 1 << UInt8(bit)], at: offset) }
    }

    /// Cuts a file short.
    package mutating func cut(_ name: String, to size: Int) { damage(name) { $0.resize(to: size) } }

    /// Has a file hold these bytes, on disk; made if it is not there.
    package mutating func setContents(_ name: String, _ bytes: [UInt8]) {
        if cachedNames[name] == nil {
            cachedNames[name] = create(name)
            syncNames()
        }
        damage(name) {
            $0.resize(to: 0)
            $0.write(bytes, at: 0)
        }
    }

    /// Loses a file.
    package mutating func lose(_ name: String) {
        cachedNames[name] = nil
        durableNames[name] = nil
    }

    private mutating func damage(_ name: String, _ change: (inout FileImage) -> Void) {
        guard let file = cachedNames[name] else { preconditionFailure("'\(name)' is not there") }
        self[file: file].damage(change)
    }
}
