/// Paths as text. Nothing is looked up, so that sources in memory have paths as well.
enum FilePath {
    /// The file's name without folder and extension.
    static func name(_ path: String) -> String {
        let file = path.split(separator: "/").last ?? ""
        guard let dot = file.lastIndex(of: "."), dot > file.startIndex else { return String(file) }
        return String(file[..<dot])
    }

    /// The folder that `path` lies in; empty for the current one.
    static func folder(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path` seen from `folder`, without `.`, `..` and doubled slashes where they can be done without: one file, one path.
    static func join(_ folder: String, _ path: String) -> String {
        let joined = folder.isEmpty || path.hasPrefix("/") ? path : "\(folder)/\(path)"
        let isAbsolute = joined.hasPrefix("/")
        var parts: [Substring] = []
        for part in joined.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else if part != ".." || !isAbsolute {
                parts.append(part)
            }
        }
        return (isAbsolute ? "/" : "") + parts.joined(separator: "/")
    }
}
