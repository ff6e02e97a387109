/// Where the files of a program go in a folder of its own, so that they find each other by the same includes.
struct ScaffoldPlaces {
    /// By path of the document.
    private(set) var copies: [(source: String, name: String)] = []

    init(_ program: Program) throws(ServiceScaffold.Refusal) {
        var places: [String: String] = [:]
        for root in program.roots { places[root] = FilePath.file(root) }
        // Those that include come after what they include.
        for document in program.documents.reversed() {
            guard let place = places[document.path] else { continue }
            copies.append((document.path, place))
            for include in document.includes {
                let isBeside = FilePath.join(FilePath.folder(document.path), include.literal) == include.path
                let name = FilePath.join(isBeside ? FilePath.folder(place) : "", include.literal)
                if name.hasPrefix("..") || name.hasPrefix("/") {
                    throw ServiceScaffold.Refusal(
                        message:
                            "'\(document.path)' includes '\(include.literal)', which lies outside of the folder that "
                            + "would be copied: put the files into one folder, or name its folder with -I")
                }
                if let other = places.updateValue(name, forKey: include.path), other != name {
                    throw ServiceScaffold.Refusal(
                        message:
                            "'\(include.path)' is included as '\(other)' and as '\(name)': a package needs one name")
                }
            }
        }
        var sources: [String: String] = [:]
        for copy in copies {
            if let other = sources.updateValue(copy.source, forKey: copy.name) {
                throw ServiceScaffold.Refusal(
                    message: "'\(other)' and '\(copy.source)' would both be copied to '\(copy.name)'")
            }
        }
        copies.sort { $0.name < $1.name }
    }
}

extension FilePath {
    /// The last part of `path`.
    fileprivate static func file(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}
