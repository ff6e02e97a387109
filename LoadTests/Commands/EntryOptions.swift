//! Options that the commands share.

internal import ArgumentParser

/// The entries that a run works on.
struct EntryOptions: ParsableArguments {
    @Option(
        name: [.customLong("keys"), .customLong("entries"), .customLong("records")], help: "How many entries there are."
    )
    var keys = 1_000_000

    @Option(help: "Bytes of a key.")
    var keySize = 16

    @Option(help: "Bytes of a value.")
    var valueSize = 100

    @Option(help: "What keys and arrivals are drawn from; the same seed draws the same.")
    var seed: UInt64 = 1

    @Option(
        help: ArgumentHelp(
            "The needletail executable; by default the one beside this one.", valueName: "path"))
    var serverExecutable: String?

    func validate() throws {
        try check(keys, KeySpace.counts, "--keys")
        try check(keySize, KeySpace.keySizes, "--key-size")
        try check(valueSize, KeySpace.valueSizes, "--value-size")
    }

    var keySpace: KeySpace { KeySpace(count: keys, keySize: keySize, valueSize: valueSize) }
}

/// Where servers persist.
struct DiskOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The folder, on a disk, that takes what servers persist, until they end; by default where temporary files go.",
            valueName: "folder"))
    var disk: String?

    func validate() throws {
        guard let disk else { return }
        guard FileSystem.isFolder(disk) else { throw ValidationError("--disk is '\(disk)', which is no folder") }
        if FileSystem.isInMemory(disk) { throw ValidationError("--disk is '\(disk)', which is in memory, on no disk") }
    }
}

/// Where a result goes as JSON.
struct JSONOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write the result as JSON.", valueName: "file"))
    var json: String?

    func validate() throws { try checkWritable(json, "--json") }

    /// Writes `report`, where somebody asked for that.
    func write(_ report: some Encodable) throws {
        if let json { try writeJSON(report, to: json) }
    }
}

/// Refuses a file that could not be written when all is measured.
func checkWritable(_ path: String?, _ option: String) throws {
    guard let path, !FileSystem.canWrite(path) else { return }
    throw ValidationError("\(option) is '\(path)', which cannot be written; name a file in a folder that is there")
}

/// Refuses a number outside its range.
func check<Number: Comparable>(_ value: Number, _ range: ClosedRange<Number>, _ option: String) throws {
    guard range.contains(value) else {
        throw ValidationError("\(option) is \(value); it can be \(range.lowerBound) to \(range.upperBound)")
    }
}
