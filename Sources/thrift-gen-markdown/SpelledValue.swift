internal import ThriftIDL

extension PluginRequest.Value {
    /// As the IDL spells it; between backticks on a page, so without any of its own.
    var spelled: String {
        switch self {
        case .bool(let value): "\(value)"
        case .integer(let number): "\(number)"
        case .double(let number): "\(number)"
        case .string(let text): "\"\(Self.escaped(text))\""
        case .member(let enumeration, let name): "\(enumeration.name).\(name)"
        case .constant(let constant): constant.name
        case .list(let elements): "[\(elements.map(\.spelled).joined(separator: ", "))]"
        case .map(let pairs):
            "{\(pairs.map { "\($0.key.spelled): \($0.value.spelled)" }.joined(separator: ", "))}"
        }
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\n": escaped += "\\n"
            case "\r": escaped += "\\r"
            case "\t": escaped += "\\t"
            case "\"", "\\": escaped += "\\\(character)"
            case "`": escaped += "'"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}
