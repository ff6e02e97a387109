//! How large the processor's caches are, as the kernel says it.

/// Bytes of a core's caches; nil where the machine does not say.
struct CacheSizes: Sendable, Hashable, Codable {
    /// Its own.
    var second: Int?
    /// Shared with others.
    var third: Int?

    static func current() -> CacheSizes {
        var sizes = CacheSizes()
        var index = 0
        while let level = Self.text(index, "level") {
            if Self.text(index, "type") != "Instruction", let bytes = Self.text(index, "size").flatMap(Self.bytes) {
                if level == "2" { sizes.second = bytes }
                if level == "3" { sizes.third = bytes }
            }
            index += 1
        }
        return sizes
    }

    /// `1024K` in bytes.
    static func bytes(_ text: String) -> Int? {
        let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        guard let last = text.last else { return nil }
        guard let unit = units[last] else { return Int(text) }
        return Int(text.dropLast()).map { $0 * unit }
    }

    /// Where that many bytes, used evenly, are found.
    func place(of bytes: Int) -> String {
        if let second, bytes <= second { return "within the second-level cache" }
        if let third, bytes <= third { return "within the third-level cache" }
        guard let last = third ?? second, last > 0 else { return "in memory" }
        return "\(short(Double(bytes) / Double(last))) times the last cache"
    }

    private static func text(_ index: Int, _ name: String) -> String? {
        contents(ofFile: "/sys/devices/system/cpu/cpu0/cache/index\(index)/\(name)")
            .map { String($0.filter { !$0.isWhitespace }) }
    }
}
