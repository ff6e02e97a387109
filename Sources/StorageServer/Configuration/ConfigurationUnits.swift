//! Sizes, durations and cores as text: `64KiB`, `500ms`, `0.5`. Reading takes exactly one number and one unit;
//! writing gives the largest unit that loses nothing, so that what was written reads back as the same number.

/// Why a text is no number with a unit.
package enum UnitFault: Error, Sendable, Hashable {
    /// No number, or an unknown unit behind it.
    case malformed
    /// A number that needs a unit and has none.
    case missingUnit
    /// More than fits 64 bits.
    case overflow
}

/// Sizes in bytes.
package enum SizeUnits {
    /// Binary units (`KiB`), decimal ones (`kB`), and bytes. `KB`, `k` and `mb` are refused, because tools do not agree
    /// on what they mean.
    private static let units: [(suffix: String, bytes: Int)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1), ("", 1),
    ]

    /// The bytes that `text` stands for.
    package static func bytes(_ text: String) throws(UnitFault) -> Int {
        let (number, suffix) = try splitNumber(text)
        guard let unit = units.first(where: { $0.suffix == suffix }) else { throw .malformed }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit.bytes)
        guard !overflow, let result = Int(exactly: bytes) else { throw .overflow }
        return result
    }

    /// `bytes` in the largest binary unit that divides it; plain bytes otherwise.
    package static func text(bytes: Int) -> String {
        guard bytes > 0, let unit = units.prefix(4).first(where: { bytes.isMultiple(of: $0.bytes) }) else {
            return String(bytes)
        }
        return "\(bytes / unit.bytes)\(unit.suffix)"
    }
}

/// Durations in milliseconds.
package enum DurationUnits {
    private static let units: [(suffix: String, millis: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// The milliseconds that `text` stands for. Only `0` needs no unit.
    package static func millis(_ text: String) throws(UnitFault) -> Int64 {
        let (number, suffix) = try splitNumber(text)
        if suffix.isEmpty {
            guard number == 0 else { throw .missingUnit }
            return 0
        }
        guard let unit = units.first(where: { $0.suffix == suffix }) else { throw .malformed }
        let (millis, overflow) = number.multipliedReportingOverflow(by: Int(unit.millis))
        guard !overflow else { throw .overflow }
        return Int64(millis)
    }

    /// `millis` in the largest unit that divides it.
    package static func text(millis: Int64) -> String {
        guard millis > 0, let unit = units.first(where: { millis.isMultiple(of: $0.millis) }) else {
            return String(millis)
        }
        return "\(millis / unit.millis)\(unit.suffix)"
    }
}

/// Cores in thousandths: `2`, `0.5`, `1.25`.
package enum CoreUnits {
    private static let decimalsMax = 3

    /// The thousandths that `text` stands for.
    package static func milliCores(_ text: String) throws(UnitFault) -> Int {
        let (whole, rest) = try splitNumber(text)
        var milliCores = whole
        var decimals = rest.dropFirst()
        guard rest.isEmpty || rest.first == "." && 1...decimalsMax ~= decimals.utf8.count else { throw .malformed }
        for _ in 0..<decimalsMax {
            let digit = decimals.isEmpty ? "0" : decimals.removeFirst()
            guard digit.isASCII, let digit = digit.wholeNumberValue else { throw .malformed }
            let (tenfold, overflow) = milliCores.multipliedReportingOverflow(by: 10)
            guard !overflow else { throw .overflow }
            let (sum, sumOverflow) = tenfold.addingReportingOverflow(digit)
            guard !sumOverflow else { throw .overflow }
            milliCores = sum
        }
        return milliCores
    }

    /// `milliCores` with as few decimals as lose nothing.
    package static func text(milliCores: Int) -> String {
        guard milliCores % 1_000 != 0 else { return String(milliCores / 1_000) }
        var decimals = String(milliCores % 1_000 + 1_000).dropFirst()
        while decimals.last == "0" { decimals.removeLast() }
        return "\(milliCores / 1_000).\(decimals)"
    }
}

/// Leading decimal digits and what follows them.
private func splitNumber(_ text: String) throws(UnitFault) -> (number: Int, suffix: Substring) {
    let digits = text.utf8.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard !digits.isEmpty else { throw .malformed }
    // Only digits: what fails now is too large.
    guard let number = Int(text[..<digits.endIndex]) else { throw .overflow }
    return (number, text[digits.endIndex...])
}
