//! The rules that a file must keep beyond its grammar: Apache's and thriftgo's. Two passes, because the first makes sense
//! even for a file with errors, and the second would blame names for definitions that could not be read:
//!
//! - declarations: each definition for itself (`Checker+Declarations`);
//! - references: what names mean (`+Types`, `+Services`, `+Order`), and whether values fit (`+Values`).
//!
//! Nothing here recurses over definitions, whose number a file decides; only over types and values, whose depth the parser
//! has bounded.

struct Checker {
    let program: Program
    var log: DiagnosticLog
    /// What type names mean once typedefs are followed, by file and name; nil where nothing comes of it.
    var resolved: [NameUse: ResolvedType?] = [:]
    /// The constants of base types that have been checked.
    var scalars: [SourceLocation: Scalar] = [:]

    /// Checks all documents; `isWhole` says whether all that was to be read could be read.
    static func check(_ program: Program, isWhole: Bool, log: inout DiagnosticLog) {
        var checker = Checker(program: program, log: log)
        for document in program.documents { checker.checkDeclarations(of: document) }
        if isWhole {
            for document in program.documents { checker.checkReferences(of: document) }
        }
        log = checker.log
    }

    private mutating func checkReferences(of document: Document) {
        let circular = checkCircles(of: document)
        checkCollisions(of: document)
        for definition in document.definitions {
            switch definition {
            case .constant(let constant):
                checkType(constant.type, in: document)
                if !circular.contains(constant.head.location) { checkConstant(constant, in: document) }
            case .typedef(let typedef):
                checkType(typedef.type, isAlias: true, in: document)
            case .enumeration: break
            case .structure(let structure):
                checkFields(structure.fields, in: document)
            case .service(let service):
                if !circular.contains(service.head.location) { checkBase(of: service, in: document) }
                for function in service.functions { checkFunction(function, in: document) }
            }
        }
    }
}

/// A name, and the file in which it is written.
struct NameUse: Hashable {
    var path: String
    var name: String
}

extension Definition {
    /// As diagnostics call it.
    var noun: String {
        switch self {
        case .constant: "constant"
        case .typedef: "typedef"
        case .enumeration: "enum"
        case .structure(let structure): structure.kind.rawValue
        case .service: "service"
        }
    }
}

extension SourceLocation {
    /// Whether what stands here can be used at `use`. Apache's compiler reads constants, services and exceptions from top
    /// to bottom; included files come before.
    func precedes(_ use: SourceLocation) -> Bool { file != use.file || (line, column) < (use.line, use.column) }

    /// As a message about something in `other` refers to this place.
    func place(from other: SourceLocation) -> String { file == other.file ? "line \(line)" : "\(file):\(line)" }
}
