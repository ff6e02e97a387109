//! Text becomes a value here, and only here: flags, variables and the file give the same text the same meaning, and get
//! the same error for it.

/// Why a text is not a value of a key.
package enum ValueFault: Error, Sendable, Hashable {
    /// Not of the key's type.
    case wrongType
    /// Of the type, but outside its range.
    case outOfRange
    /// A duration without a unit.
    case missingUnit
    /// Known, but not to be had; with the reason.
    case refused(String)
}

extension ConfigurationKey {
    /// The value that `text` stands for. A list is separated by commas.
    package func value(of text: String) throws(ValueFault) -> ConfigurationValue {
        if text.isEmpty, isOptional { return .absent }
        if case .list = kind {
            if text.isEmpty { return .list([]) }
            let parts = text.split(separator: ",", omittingEmptySubsequences: false)
            return try value(ofList: parts.map { String(trimmed($0)) })
        }
        return try scalar(text)
    }

    /// The value that a list of texts stands for.
    package func value(ofList texts: [String]) throws(ValueFault) -> ConfigurationValue {
        guard case .list(let rule) = kind, texts.allSatisfy(rule.accepts) else { throw .wrongType }
        return .list(texts)
    }

    private func scalar(_ text: String) throws(ValueFault) -> ConfigurationValue {
        switch kind {
        case .text(let rule):
            guard rule.accepts(text) else { throw .wrongType }
            return .text(text)
        case .integer(let range):
            return .integer(try checked(try integer(text), in: range))
        case .powerOfTwo(let range):
            let number = try checked(try integer(text), in: range)
            guard number.nonzeroBitCount == 1 else { throw .wrongType }
            return .integer(number)
        case .sizeBytes(let range):
            return .sizeBytes(try checked(try unit { () throws(UnitFault) in try SizeUnits.bytes(text) }, in: range))
        case .durationMillis(let range):
            let millis = try unit { () throws(UnitFault) in try DurationUnits.millis(text) }
            return .durationMillis(try checked(millis, in: range))
        case .milliCores(let range):
            let number = try unit { () throws(UnitFault) in try CoreUnits.milliCores(text) }
            return .milliCores(try checked(number, in: range))
        case .boolean:
            switch text {
            case "true": return .boolean(true)
            case "false": return .boolean(false)
            default: throw .wrongType
            }
        case .choice(let allowed, let refused):
            if let reason = refused[text] { throw .refused(reason) }
            guard allowed.contains(text) else { throw .wrongType }
            return .text(text)
        case .list:
            throw .wrongType
        }
    }

    private func integer(_ text: String) throws(ValueFault) -> Int {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        guard !digits.isEmpty, text.utf8.count - digits.count <= 1,
            digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { throw .wrongType }
        guard let number = Int(text) else { throw .outOfRange }
        return number
    }

    private func checked<Number: BinaryInteger>(
        _ number: Number, in range: ClosedRange<Number>
    ) throws(ValueFault) -> Number {
        guard range.contains(number) || (number == 0 && zeroMeans != nil) else { throw .outOfRange }
        return number
    }

    private func unit<Number>(_ read: () throws(UnitFault) -> Number) throws(ValueFault) -> Number {
        do {
            return try read()
        } catch {
            switch error {
            case .malformed: throw .wrongType
            case .missingUnit: throw .missingUnit
            case .overflow: throw .outOfRange
            }
        }
    }

    private func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
