//! The one table of a scenario's keys, of the same kind as the server's: checking, the defaults and the documentation
//! are made from it.

internal import StorageServer

/// Keys that stand in one mapping of a scenario.
struct ScenarioTable: Sendable {
    /// The mapping, as a person finds it in the file.
    let title: String
    let keys: [ConfigurationKey]
    /// Names in the same mapping whose values are mappings or lists of them, each with a table of its own.
    let children: [String]

    private init(_ title: String, children: [String] = [], _ keys: [ConfigurationKey]) {
        self.title = title
        self.children = children
        self.keys = keys
    }

    func key(_ leaf: String) -> ConfigurationKey? { keys.first { $0.leaf == leaf } }

    /// All tables, in the order in which they are shown.
    static let all = [scenario, entries, server, phase, call]

    private static let orders = ConfigurationKind.choice(allowed: KeyChooser.Order.allCases.map(\.rawValue))
    private static let protocols = ConfigurationKind.choice(allowed: LoadProtocol.allCases.map(\.rawValue))
    private static let connections = ConfigurationKind.integer(RunBounds.connections)
    private static let rates = ConfigurationKind.integer(1...10_000_000)

    static let scenario = ScenarioTable(
        "the scenario", children: ["entries", "server", "phases"],
        [
            .init("scenario.name", .text(.free), default: .text("unnamed"), "What reports call it."),
            .init("scenario.about", .text(.free), default: .absent, "What it shows, for whoever reads it."),
            .init(
                "scenario.protocol", protocols, default: .text(LoadProtocol.messagePack.rawValue),
                "The protocol to speak; it says which server is started, too."),
            .init(
                "scenario.connections", connections, default: .integer(50),
                "Connections of each phase that does not say otherwise."),
            .init(
                "scenario.seed", .integer(0...Int(Int32.max)), default: .integer(1),
                "What keys and arrivals are drawn from; the same seed draws the same."),
        ])

    static let entries = ScenarioTable(
        "`entries`",
        [
            .init("entries.count", .integer(KeySpace.counts), default: .integer(100_000), "How many there are."),
            .init("entries.keySize", .sizeBytes(KeySpace.keySizes), default: .sizeBytes(16), "Bytes of a key."),
            .init("entries.valueSize", .sizeBytes(KeySpace.valueSizes), default: .sizeBytes(100), "Bytes of a value."),
            .init(
                "entries.values", .list(.free), default: .list([]),
                """
                Values of several sizes: each a size, a colon, and how often it is there in proportion to the others, \
                such as 100:90 and 10KiB:10. In place of valueSize.
                """),
            .init(
                "entries.sizes", .choice(allowed: ["fixed", "etc"]), default: .text("fixed"),
                "fixed: as the keys above say. etc: keys and values of many sizes, as in Facebook's ETC."),
            .init(
                "entries.largeValueSize", .sizeBytes(LargeValues.sizes), default: .sizeBytes(LargeValues().size),
                "Bytes of the large values that some phases ask for."),
        ])

    static let server = ScenarioTable(
        "`server`",
        [
            .init(
                "server.eventLoops", .integer(RunBounds.eventLoops), default: .integer(1),
                "Needletail's event loops; the others have one thread each."),
            .init(
                "server.durability", .choice(allowed: Persistence.allCases.map(\.rawValue)), default: .text("memory"),
                "What writes have reached when they are answered; in Redis what comes nearest."),
            .init(
                "server.shedsCalls", .boolean, default: .boolean(false),
                "Whether Needletail may refuse calls in overload."),
            .init(
                "server.flags", .list(.free), default: .list([]), "Further flags of `needletail serve`, word by word."),
        ])

    static let phase = ScenarioTable(
        "each of `phases`", children: ["calls"],
        [
            .init("phase.name", .text(.free), default: .text("unnamed"), "What reports call it."),
            .init(
                "phase.workload", .choice(allowed: Workload.allCases.map(\.rawValue)), default: .absent,
                "Calls by name. In place of calls."),
            .init(
                "phase.keysPerCall", .integer(RunBounds.keysPerCall), default: .integer(100),
                "Keys in a multi-get of workload multi-get."),
            .init("phase.order", orders, default: .absent, "Which keys are asked for; absent: what the workload has."),
            .init(
                "phase.pace", .choice(allowed: ["closed", "open", "ramp"]), default: .text("closed"),
                """
                closed: a connection sends its next call when an answer has come. open: calls leave on a schedule, at \
                rate. ramp: as open, and the rate changes evenly from rate to endRate.
                """),
            .init(
                "phase.inFlight", .integer(RunBounds.inFlight), default: .integer(1),
                "Calls under way on each connection, where the pace is closed."),
            .init("phase.rate", rates, default: .absent, "Calls per second over all connections."),
            .init("phase.endRate", rates, default: .absent, "The same at the end of a ramp."),
            .init(
                "phase.duration", .durationMillis(100...3_600_000), default: .durationMillis(5_000),
                "How long to measure."),
            .init(
                "phase.warmUp", .durationMillis(100...3_600_000), default: .durationMillis(1_000), zeroMeans: "none",
                "How long every answer is decoded and compared before that, in a closed loop."),
            .init("phase.connections", connections, default: .absent, "Absent: the scenario's."),
            .init("phase.protocol", protocols, default: .absent, "Of the same server. Absent: the scenario's."),
            .init(
                "phase.largePerCall", .text(.ratio), default: .text("0"),
                "Gets of a large value for each other call, on connections of their own."),
        ])

    static let call = ScenarioTable(
        "each of a phase's `calls`",
        [
            .init(
                "call.call", .choice(allowed: ScenarioCall.allCases.map(\.rawValue)), default: .text("get"),
                """
                What it does. insert: a put of an entry that was not there. range: a multi-get of entries that follow \
                each other. read-modify-write: a get, and a put of its key when it is answered.
                """),
            .init(
                "call.weight", .integer(1...1_000_000), default: .integer(1), "How often, in proportion to the others."),
            .init(
                "call.keysPerCall", .integer(RunBounds.keysPerCall), default: .integer(100),
                "Keys of a multi-get or a range."),
            .init("call.order", orders, default: .text("uniform"), "Which keys are asked for."),
            .init(
                "call.timeout", .durationMillis(1...60_000), default: .absent, "The budget that each request names."),
        ])

    /// All tables in Markdown.
    static var markdown: [String] {
        all.flatMap { table in
            [
                "", "In \(table.title):", "", MarkdownTable.row(["key", "takes", "default", "what for"]),
                MarkdownTable.rule(count: 4),
            ]
                + table.keys.map { key in
                    let standard = key.defaultValue == .absent ? "-" : "`\(key.defaultValue.yaml)`"
                    return MarkdownTable.row(["`\(key.leaf)`", key.expectation, standard, key.purpose])
                }
        }
    }
}

/// What a call of a scenario does.
enum ScenarioCall: String, CaseIterable, Sendable {
    case get
    case multiGet = "multi-get"
    case put
    case remove
    case insert
    case range
    case readModifyWrite = "read-modify-write"
}
