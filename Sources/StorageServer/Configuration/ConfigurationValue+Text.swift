//! Values as text: what `value(of:)` reads back as the same value, and what stands in YAML for it.

extension ConfigurationValue {
    /// As a flag or a variable would give it. Empty for no value; lists separated by commas.
    package var text: String {
        switch self {
        case .absent: ""
        case .text(let text): text
        case .integer(let number): String(number)
        case .sizeBytes(let bytes): SizeUnits.text(bytes: bytes)
        case .durationMillis(let millis): DurationUnits.text(millis: millis)
        case .milliCores(let number): CoreUnits.text(milliCores: number)
        case .boolean(let flag): String(flag)
        case .list(let texts): texts.joined(separator: ",")
        }
    }

    /// As it stands behind its key in YAML, on one line.
    package var yaml: String {
        switch self {
        case .absent: "null"
        case .text(let text): Self.quotedIfNeeded(text)
        // Quoted one by one: inside brackets, commas and braces mean something too.
        case .list(let texts): "[" + texts.map(Self.quoted).joined(separator: ", ") + "]"
        default: text
        }
    }

    /// Words that YAML readers take for something other than text.
    private static let reserved: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    /// Plain where no reader could take it for anything but this text.
    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain =
            text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "-"): true
                default: false
                }
            }
        let looksLikeNumber =
            text.allSatisfy { $0.isNumber || "._-eE".contains($0) } && text.split(separator: ".").count < 3
        let isSafe = isPlain && !looksLikeNumber && text.first != "-" && !reserved.contains(text.lowercased())
        return isSafe ? text : quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            default:
                switch scalar.properties.generalCategory {
                case .control, .lineSeparator, .paragraphSeparator, .format, .privateUse, .unassigned:
                    let digits = String(scalar.value, radix: 16)
                    result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
                default: result.unicodeScalars.append(scalar)
                }
            }
        }
        return result + "\""
    }
}
