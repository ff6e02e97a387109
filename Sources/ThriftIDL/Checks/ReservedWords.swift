/// Names that Apache's compiler (0.17) refuses in every definition, because some language that it generates cannot have
/// them. We do as well: an IDL file is for all peers.
enum ReservedWords {
    static let all: Set<String> = [
        "BEGIN", "END", "__CLASS__", "__DIR__", "__FILE__", "__FUNCTION__", "__LINE__", "__METHOD__", "__NAMESPACE__",
        "abstract", "alias", "and", "args", "as", "assert", "begin", "break", "case", "catch", "class", "clone",
        "continue", "declare", "def", "default", "del", "delete", "do", "dynamic", "elif", "else", "elseif", "elsif",
        "end", "enddeclare", "endfor", "endforeach", "endif", "endswitch", "endwhile", "ensure", "except", "exec",
        "finally", "float", "for", "foreach", "from", "function", "global", "goto", "if", "implements", "import", "in",
        "inline", "instanceof", "interface", "is", "lambda", "module", "native", "new", "next", "nil", "not", "or",
        "package", "pass", "print", "private", "protected", "public", "raise", "redo", "register", "rescue", "retry",
        "return", "self", "sizeof", "static", "super", "switch", "synchronized", "then", "this", "throw", "transient",
        "try", "undef", "unless", "unsigned", "until", "use", "var", "virtual", "volatile", "when", "while", "with",
        "xor", "yield",
    ]

    /// Headers of old, and the scope of `namespace` that took their place. They are no names either.
    static let formerHeaders = [
        "cpp_namespace": "cpp", "java_package": "java", "delphi_namespace": "delphi", "php_namespace": "php",
        "py_module": "py", "perl_package": "perl", "ruby_namespace": "rb", "smalltalk_category": "st",
        "smalltalk_prefix": "st", "xsd_namespace": "xsd",
    ]
}
