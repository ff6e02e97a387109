extension StructureEmitter {
    /// From how many fields on a struct is decoded through a draft.
    ///
    /// Each local of a decoder has to be cleaned up behind each `try`: with 300 fields that keeps the optimizer busy for more
    /// than ten minutes, with 100 for ten seconds, with 32 for one. A draft is one local, filled by a method.
    private static let draftThreshold = 33

    var isDrafted: Bool { structure.fields.count >= Self.draftThreshold }

    /// A struct with the fields as they have been read so far, absent ones as they are where nothing is said.
    func emitDraft(to out: inout SourceWriter) {
        let (reader, field) = (coder.reader, coder.field)
        out.space()
        out.line("@usableFromInline")
        out.block("struct \(coder.draftType)") { out in
            for field in structure.fields { out.line("@usableFromInline \(local(field))") }
            out.space()
            out.line("@usableFromInline init() {}")
            out.space()
            out.line("@inlinable")
            out.block(
                open: "mutating func \(coder.read)<\(coder.readerType): \(scope.reader(.wireReader))>(",
                items: [
                    "_ \(field): \(scope.name(.fieldHeader))", "from \(reader): inout \(coder.readerType)",
                ], close: ") throws(\(scope.name(.wireError))) {"
            ) { emitSwitch(to: &$0) }
        }
    }

    func emitDraftedDecoder(to out: inout SourceWriter) {
        let (reader, field) = (coder.reader, coder.field)
        out.line("var \(coder.draft) = \(coder.draftType)()")
        out.line("var \(coder.scope) = try \(reader).beginStruct()")
        out.block("while let \(field) = try \(reader).nextField(&\(coder.scope), in: Self.wireFields)") { out in
            out.line("try \(coder.draft).\(coder.read)(\(field), from: &\(reader))")
        }
    }
}
