/// The locals of a generated decoder and encoder: called so unless a field is.
struct CoderNames {
    let readerType: String
    let writerType: String
    let reader: String
    let writer: String
    let scope: String
    let field: String
    let fieldCount: String
    let member: String
    let unknownID: String
    let draftType: String
    let draft: String
    let read: String

    init(_ scope: FileScope, fields: [SwiftField]) {
        var taken = Set(fields.map(\.name.text))
        readerType = scope.parameter("Reader")
        writerType = scope.parameter("Writer")
        reader = SwiftNames.fresh("reader", taken: &taken)
        writer = SwiftNames.fresh("writer", taken: &taken)
        self.scope = SwiftNames.fresh("scope", taken: &taken)
        field = SwiftNames.fresh("field", taken: &taken)
        fieldCount = SwiftNames.fresh("fieldCount", taken: &taken)
        member = SwiftNames.fresh("member", taken: &taken)
        draftType = scope.parameter("Draft")
        draft = SwiftNames.fresh("draft", taken: &taken)
        read = SwiftNames.fresh("read", taken: &taken)
        unknownID = SwiftNames.fresh("unknownID", taken: &taken)
    }

    /// Opens `init(from:)`.
    func decoder(_ scope: FileScope) -> (open: String, items: [String], close: String) {
        let label = reader == "reader" ? "from reader" : "from \(reader)"
        return (
            "public init<\(readerType): \(scope.reader(.wireReader))>(", ["\(label): inout \(readerType)"],
            ") throws(\(scope.name(.wireError))) {"
        )
    }

    /// The head of `encode(to:)`.
    func encoder(_ scope: FileScope) -> String {
        "public func encode<\(writerType): \(scope.writer(.wireWriter))>(to \(writer): inout \(writerType))"
    }
}

extension FileScope {
    /// Notes the style of locals that had to give way to fields.
    func declareLocals(_ names: CoderNames) {
        for name in [names.reader, names.writer, names.scope, names.field, names.fieldCount, names.draft, names.read] {
            _ = declared(SwiftIdentifier(name))
        }
    }
}
