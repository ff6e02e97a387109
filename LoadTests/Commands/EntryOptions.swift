//! Options that the commands share.

internal import ArgumentParser

/// The entries that a run works on.
struct EntryOptions: ParsableArguments {
    @Option(help: "How many entries there are.")
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

/// Refuses a number outside its range.
func check<Number: Comparable>(_ value: Number, _ range: ClosedRange<Number>, _ option: String) throws {
    guard range.contains(value) else {
        throw ValidationError("\(option) is \(value); it can be \(range.lowerBound) to \(range.upperBound)")
    }
}
