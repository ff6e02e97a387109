extension ConfigurationTable {
    static let slowCalls = ConfigurationSection(
        "slowCalls", "Calls that took long, and keys that are asked for often: what /slow shows.",
        [
            .init(
                "slowCalls.threshold", .durationMillis(1...3_600_000), default: .durationMillis(100),
                zeroMeans: "no call is slow",
                "Calls that take so long from their arrival to their answer are shown with where their time went."),
            .init(
                "slowCalls.logPerSecond", .integer(1...1_000), default: .integer(1), zeroMeans: "none",
                "How many of them are logged in a second, too; the next line says how many were left out."),
            .init(
                "slowCalls.sampleKeys", .integer(1...1_000_000), default: .integer(0), zeroMeans: "none is looked at",
                """
                One key in so many is looked at to find those that are asked for most. Then the largest values that are \
                written, or read by get, are found as well.
                """),
        ])
}
