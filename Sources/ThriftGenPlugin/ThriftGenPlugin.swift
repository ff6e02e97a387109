//! Generates a target's Swift from its `.thrift` files whenever one of them has changed, as a part of its build.
//!
//! One run of `thrift-gen-swift` for each target: files that include each other are checked together. An included file is
//! looked for beside the including one, in the target's folder, and in the folders of the targets that this one depends on.

import Foundation
import PackagePlugin

@main
struct ThriftGenPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        guard let target = target.sourceModule else { return [] }
        let files = Self.thriftFiles(of: target)
        if files.isEmpty { return [] }
        let shared = target.recursiveTargetDependencies.compactMap { dependency in
            dependency.sourceModule.flatMap { Self.thriftFiles(of: $0).isEmpty ? nil : $0 }
        }
        let outputs = files.map { file in
            context.pluginWorkDirectoryURL.appending(path: "\(file.lastPathComponent).swift")
        }
        for (index, output) in outputs.enumerated() {
            if let first = outputs.firstIndex(of: output), first != index {
                throw TwoFilesOfOneName(first: files[first], second: files[index])
            }
        }
        let folders = ([target] + shared).flatMap { ["-I", $0.directoryURL.path] }
        return [
            .buildCommand(
                displayName: "Generating Swift from the Thrift IDL of \(target.name)",
                executable: try context.tool(named: "thrift-gen-swift").url,
                arguments: files.map(\.path) + folders + ["--output", context.pluginWorkDirectoryURL.path],
                inputFiles: files + shared.flatMap(Self.thriftFiles), outputFiles: outputs)
        ]
    }

    private static func thriftFiles(of target: any SourceModuleTarget) -> [URL] {
        target.sourceFiles(withSuffix: "thrift").map(\.url).sorted { $0.path < $1.path }
    }
}

struct TwoFilesOfOneName: Error, CustomStringConvertible {
    let first: URL
    let second: URL

    var description: String {
        "'\(first.path)' and '\(second.path)' would both be written as '\(first.lastPathComponent).swift'; rename one"
    }
}
