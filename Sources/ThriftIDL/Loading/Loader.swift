//! Reads and parses the files that were asked for and all that they include, each once, included ones first.

struct Loader<Sources: SourceProvider> {
    /// How long a chain of includes may be. Each file on it waits on the stack for those that it includes.
    private static var chainLimit: Int { 100 }

    let sources: Sources
    let includeDirectories: [String]
    var log: DiagnosticLog
    private(set) var documents: [Document] = []
    private var loaded: Set<String> = []
    /// The files that wait for what they include, the outermost first.
    private var chain: [String] = []

    init(sources: Sources, includeDirectories: [String], log: DiagnosticLog) {
        self.sources = sources
        self.includeDirectories = includeDirectories
        self.log = log
    }

    /// Loads a file that was asked for; answers its path within the program.
    mutating func loadRoot(_ file: String) -> String {
        let path = FilePath.join("", file)
        do {
            if loaded.contains(path) { return path }
            guard let bytes = try sources.bytes(at: path) else {
                log.error("there is no file '\(file)'", at: nil)
                return path
            }
            load(bytes, path: path)
        } catch {
            log.error("'\(file)' cannot be read: \(error.reason)", at: nil)
        }
        return path
    }

    private mutating func load(_ bytes: [UInt8], path: String) {
        loaded.insert(path)
        chain.append(path)
        defer { chain.removeLast() }
        let source = SourceText(path: path, bytes: bytes)
        log.add(source)
        var document = Parser.parse(source, log: &log)
        for index in document.includes.indices {
            document.includes[index].path = resolve(document.includes[index], from: path) ?? ""
        }
        checkNames(of: document)
        documents.append(document)
    }

    /// Finds and loads what `include` names; nil if that failed, which is reported.
    private mutating func resolve(_ include: Include, from file: String) -> String? {
        let isAbsolute = include.literal.hasPrefix("/")
        let folders = isAbsolute ? [""] : [FilePath.folder(file)] + includeDirectories
        let candidates = folders.map { FilePath.join($0, include.literal) }
        for candidate in include.literal.isEmpty ? [] : candidates {
            if let start = chain.firstIndex(of: candidate) {
                let circle = (chain[start...] + [candidate]).joined(separator: " → ")
                log.error("these files include each other in a circle: \(circle)", at: include.location)
                return nil
            }
            if loaded.contains(candidate) { return candidate }
            do {
                guard let bytes = try sources.bytes(at: candidate) else { continue }
                guard chain.count < Self.chainLimit else {
                    log.error("a chain of includes is longer than \(Self.chainLimit) files", at: include.location)
                    return nil
                }
                load(bytes, path: candidate)
                return candidate
            } catch {
                log.error("'\(candidate)' cannot be read: \(error.reason)", at: include.location)
                return nil
            }
        }
        let places = candidates.map { "'\($0)'" }.joined(separator: ", ")
        log.error("'\(include.literal.shortened)' is not found; looked for \(places)", at: include.location)
        return nil
    }

    /// An included file is called by its name without folder, which must therefore mean one file.
    private mutating func checkNames(of document: Document) {
        var paths: [String: String] = [:]
        for include in document.includes where !include.path.isEmpty {
            let name = FilePath.name(include.path)
            switch paths.updateValue(include.path, forKey: name) {
            case nil: break
            case include.path?: log.warning("'\(include.literal)' is included twice", at: include.location)
            case let other?:
                log.error(
                    "'\(other)' and '\(include.path)' would both be called '\(name)'", at: include.location)
            }
        }
    }
}
