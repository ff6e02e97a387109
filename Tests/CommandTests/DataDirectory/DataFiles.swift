//! The files of a data directory, as somebody sees and spoils them who knows nothing of records.

internal import Foundation

struct DataFiles {
    let url: URL

    init(_ directory: TemporaryDirectory, _ name: String = "data") {
        url = directory.url.appending(path: name, directoryHint: .isDirectory)
    }

    var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }
    }

    /// The names of segments, in their order.
    var segments: [String] { get throws { try names.filter { $0.wholeMatch(of: /\d{20}\.log/) != nil } } }

    /// What every file holds.
    var contents: [String: Data] {
        get throws { try names.reduce(into: [:]) { $0[$1] = try bytes(of: $1) } }
    }

    func bytes(of name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    /// Where `text` stands in a file.
    func offset(of text: String, in name: String) throws -> Int {
        guard let range = try bytes(of: name).range(of: Data(text.utf8)) else {
            throw TestFailure("'\(text)' is not in \(name)")
        }
        return range.lowerBound
    }

    /// Where the zeros begin that a file ends with.
    func end(of name: String) throws -> Int { try (bytes(of: name).lastIndex { $0 != 0 } ?? -1) + 1 }

    /// Flips a bit.
    func spoil(_ name: String, at offset: Int) throws {
        try write([try bytes(of: name)[offset] ^ 1], to: name, at: offset)
    }

    func write(_ bytes: [UInt8], to name: String, at offset: Int) throws {
        try change(name) {
            try $0.seek(toOffset: UInt64(offset))
            try $0.write(contentsOf: bytes)
        }
    }

    func truncate(_ name: String, to size: Int) throws {
        try change(name) { try $0.truncate(atOffset: UInt64(size)) }
    }

    private func change(_ name: String, _ change: (FileHandle) throws -> Void) throws {
        let file = try FileHandle(forUpdating: url.appending(path: name))
        try change(file)
        try file.close()
    }
}
