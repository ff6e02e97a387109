//! One check for every driver and answer: whole, joined to others, and byte by byte.

internal import Testing

@testable internal import needletail_load

/// What an answer should count as.
struct ExpectedCounts: Equatable {
    var found = 0
    var missing = 0
    var failed = 0
}

extension AnswerScan {
    var counts: ExpectedCounts { ExpectedCounts(found: found, missing: missing, failed: failed) }
}

func checkScan<Driver: LoadDriver>(
    _ driver: Driver, _ answer: [UInt8], _ expected: ExpectedCounts, id: UInt32? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    // Whole.
    var scan = AnswerScan()
    #expect(try driver.scan(answer.span, &scan), sourceLocation: sourceLocation)
    #expect(scan.offset == answer.count, sourceLocation: sourceLocation)
    #expect(scan.counts == expected, sourceLocation: sourceLocation)
    if let id { #expect(scan.id == id, sourceLocation: sourceLocation) }

    // Two joined, and a part of a third.
    let joined = answer + answer + answer.prefix(answer.count / 2)
    for start in [0, answer.count] {
        var next = AnswerScan()
        let rest = joined.span.extracting(start..<joined.count)
        #expect(try driver.scan(rest, &next), sourceLocation: sourceLocation)
        #expect(next.offset == answer.count, sourceLocation: sourceLocation)
        #expect(next.counts == expected, sourceLocation: sourceLocation)
    }
    var cutOff = AnswerScan()
    let isComplete = try driver.scan(joined.span.extracting(2 * answer.count..<joined.count), &cutOff)
    #expect(!isComplete, sourceLocation: sourceLocation)

    // Byte by byte, over one scan.
    var slow = AnswerScan()
    for count in 0..<answer.count {
        let isComplete = try driver.scan(answer.span.extracting(0..<count), &slow)
        guard !isComplete else {
            Issue.record("complete after \(count) of \(answer.count) bytes", sourceLocation: sourceLocation)
            return
        }
    }
    #expect(try driver.scan(answer.span, &slow), sourceLocation: sourceLocation)
    #expect(slow.offset == answer.count, sourceLocation: sourceLocation)
    #expect(slow.counts == expected, sourceLocation: sourceLocation)
}
