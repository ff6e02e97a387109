//! `config print`: the effective configuration as YAML, each value with where it came from. The output is a valid
//! configuration file that gives the same values again, except for secrets, whose lines are comments.

extension LoadedConfiguration {
    /// The effective configuration as YAML. `container` adds what the zeroes that ask for it amount to here.
    public func rendered(container: ContainerLimits? = nil) -> String {
        var notes: [String: String] = [:]
        if let container {
            if server.rpc.eventLoops == 0 { notes["rpc.eventLoops"] = "\(container.eventLoops) here" }
            if server.memory.maxMemoryBytes == 0 {
                let bytes = server.memory.maxMemoryBytes(in: container)
                notes["memory.maxMemory"] = "\(bytes >> 20)MiB here"
            }
        }
        return resolved.rendered(notes: notes)
    }
}

extension ResolvedConfiguration {
    /// The values as YAML; `notes` stand behind the origins of the keys that they are for.
    package func rendered(notes: [String: String] = [:]) -> String {
        var lines = ["# The effective configuration; behind each value, where it came from."]
        for section in table.sections {
            lines += ["", "\(section.name):"]
            for key in section.keys {
                let entry = self[key.name]
                let note = notes[key.name].map { "; \($0)" } ?? ""
                if key.isSecret, entry.value != .absent {
                    lines.append("  #\(key.leaf): (hidden)  # \(entry.origin)\(note)")
                } else {
                    lines.append("  \(key.leaf): \(entry.value.yaml)  # \(entry.origin)\(note)")
                }
            }
        }
        for mapping in table.mappings {
            lines += ["", "\(mapping.name):"]
            for entry in entries(of: mapping) {
                lines += entry.yaml(indentation: "  ") { "  # \($0)" }.map { "  " + $0 }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
