//! A plugin of `thrift-gen-swift` that documents an IDL: one page of Markdown for every file that was asked for.
//!
//!     thrift-gen-swift storage.thrift --output docs --plugin thrift-gen-markdown
//!
//! It is small, to be an example of a plugin: read the request, answer with files, know nothing of folders.

internal import Foundation
internal import ThriftIDL

@main
enum ThriftGenMarkdown {
    static func main() throws {
        let request: PluginRequest
        do {
            let input = try FileHandle.standardInput.readToEnd() ?? Data()
            // A request of a later schema may not even decode.
            if let schema = try? JSONDecoder().decode(Schema.self, from: input).schema,
                schema != PluginRequest.currentSchema
            {
                return try answer(
                    PluginResponse(errors: [
                        "thrift-gen-markdown knows schema \(PluginRequest.currentSchema), not \(schema)"
                    ]))
            }
            request = try JSONDecoder().decode(PluginRequest.self, from: input)
        } catch {
            fail("standard input is not what thrift-gen-swift gives its plugins: \(error)")
        }
        if let option = request.options.first {
            return try answer(PluginResponse(errors: ["thrift-gen-markdown has no option '\(option.name)'"]))
        }
        let anchors = Anchors(request)
        let pages = request.documents.filter(\.isRoot).map { Page($0, anchors).file() }
        try answer(PluginResponse(files: pages))
    }

    private struct Schema: Decodable {
        var schema: Int
    }

    private static func answer(_ response: PluginResponse) throws {
        try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(response))
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("thrift-gen-markdown: \(message)\n".utf8))
        exit(1)
    }
}
