//! A table that has one key of every kind, a secret among them, for what the server's own table does not have yet.

import StorageServer

extension ConfigurationTable {
    static let everyKind = ConfigurationTable(
        sections: [
            ConfigurationSection(
                "door", "A door.",
                [
                    .init("door.isOpen", .boolean, default: .boolean(false), "Whether it is open."),
                    .init("door.password", .text(.free), default: .absent, isSecret: true, "Who may pass."),
                    .init("door.pin", .integer(1_000...9_999), default: .integer(1_234), isSecret: true, "A number."),
                    .init("door.colours", .list(.free), default: .list(["red", "green"]), "What it looks like."),
                    .init("door.sign", .text(.free), default: .text("enter"), "What it says."),
                ]),
            ConfigurationSection(
                "wall", "A wall.",
                [
                    .init(
                        "wall.height", .sizeBytes(10...1_000), default: .sizeBytes(0), zeroMeans: "no wall", "Its size."
                    ),
                    .init("wall.brick.age", .durationMillis(1...60_000), default: .durationMillis(5), "A nested name."),
                    .init("wall.bricks", .powerOfTwo(1...64), default: .integer(8), shortFlag: "--bricks", "How many."),
                    .init("wall.masons", .milliCores(100...2_000), default: .milliCores(1_500), "Who builds it."),
                    .init(
                        "wall.kind", .choice(allowed: ["stone", "wood"], refused: ["glass": "it breaks"]),
                        default: .text("stone"), "What of."),
                ]),
        ], variablePrefix: "HOUSE_")
}

extension ConfigurationKey {
    /// The key of this name in the table of every kind.
    static func test(_ name: String) throws -> ConfigurationKey {
        guard let key = ConfigurationTable.everyKind.key(named: name) else { throw MissingKey(name: name) }
        return key
    }
}

struct MissingKey: Error { let name: String }

/// The lines of the error that `body` throws; none if it throws none.
func problems(_ body: () throws(ConfigurationError) -> Void) -> [String] {
    do {
        try body()
        return []
    } catch {
        return error.problems.map(\.description)
    }
}
