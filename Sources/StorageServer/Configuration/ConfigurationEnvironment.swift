//! The environment as a source of values. Unknown variables that begin as ours are no error but one warning, because
//! Kubernetes injects variables for every service of a namespace.

#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What the environment says about the keys of a table.
package struct ConfigurationEnvironment: Sendable {
    package struct Entry: Sendable {
        package let key: ConfigurationKey
        package let variable: String
        package let text: String
    }

    /// In the table's order.
    package let entries: [Entry]
    /// Variables that name no key, each with the known one that is near, if any; sorted.
    package let unknown: [(variable: String, suggestion: String?)]
    /// Known variables whose values Kubernetes injected for a service that happens to be called like a section; sorted.
    package let injected: [String]

    package init(_ variables: [String: String], table: ConfigurationTable) {
        var entries: [Entry] = []
        var injected: [String] = []
        for key in table.keys {
            let variable = key.variable(prefix: table.variablePrefix)
            guard let text = variables[variable] else { continue }
            if Self.isServiceLink(variable, text) {
                injected.append(variable)
            } else {
                entries.append(Entry(key: key, variable: variable, text: text))
            }
        }
        self.entries = entries
        self.injected = injected.sorted()
        unknown = variables.keys
            .filter { $0.hasPrefix(table.variablePrefix) && table.key(variable: $0) == nil }
            .sorted()
            .map { ($0, NearestName.of($0, in: table.variables.sorted())) }
    }

    /// A service called `needletail-rpc` gives its pods `NEEDLETAIL_RPC_PORT=tcp://10.0.0.1:7400`, which is also the
    /// name of a key. Nobody means such a value as a port.
    private static func isServiceLink(_ variable: String, _ text: String) -> Bool {
        variable.hasSuffix("_PORT") && ["tcp://", "udp://", "sctp://"].contains { text.hasPrefix($0) }
    }

    /// One line for each thing that a person should know and that is no error.
    package var warnings: [String] {
        var warnings: [String] = []
        if !unknown.isEmpty {
            let names = unknown.map { name, suggestion in
                name.singleLine + (suggestion.map { " (did you mean \($0)?)" } ?? "")
            }
            warnings.append("environment: unknown variables are ignored: \(names.joined(separator: ", "))")
        }
        if !injected.isEmpty {
            warnings.append(
                """
                environment: set by Kubernetes for a service of that name, and ignored: \
                \(injected.joined(separator: ", ")) (enableServiceLinks: false in the pod avoids this)
                """)
        }
        return warnings
    }

    /// The variables of this process.
    package static var process: [String: String] { ProcessInfo.processInfo.environment }
}
