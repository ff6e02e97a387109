/// The content of the file FORMAT, which makes a directory a data directory: one line of text.
package struct FormatFile: Sendable, Hashable {
    package var directoryID: UInt64

    package init(directoryID: UInt64) { self.directoryID = directoryID }

    /// Why bytes are not what they should be.
    package enum Problem: Error, Sendable, Hashable {
        case unreadable
        /// Another version's, as it is written there.
        case version(String)
    }

    private static let name = "needletail-data"
    /// More than a file of any version has.
    package static let bytesMax = 128

    package init(_ bytes: [UInt8]) throws(Problem) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ", omittingEmptySubsequences: false)
        guard lines.count == 2, lines[1].isEmpty, words.count >= 2, words[0] == Self.name else { throw .unreadable }
        guard words[1] == "\(LogFormat.directoryVersion)" else {
            throw words[1].allSatisfy(\.isNumber) ? .version(String(words[1])) : .unreadable
        }
        guard words.count == 3, words[2].utf8.count == 16, let id = UInt64(words[2], radix: 16) else {
            throw .unreadable
        }
        directoryID = id
    }

    package var encoded: [UInt8] {
        let digits = String(directoryID, radix: 16)
        let id = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        return Array("\(Self.name) \(LogFormat.directoryVersion) \(id)\n".utf8)
    }
}
