import Testing

@testable import NeedletailTracing

@Suite struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let span = "00f067aa0ba902b7"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false), ("00-\(trace)-\(span)-03", true),
        ("00-\(trace)-\(span)-fe", false), ("cc-\(trace)-\(span)-01", true),
        ("cc-\(trace)-\(span)-01-what-comes", true),
    ]) func aContextIsRead(text: String, isSampled: Bool) throws {
        let context = try #require(TraceContext(parent: text))
        #expect(context.traceIDText == Self.trace && context.spanIDText == Self.span)
        #expect(context.isSampled == isSampled)
        #expect(context.parent == "00-\(Self.trace)-\(Self.span)-\(isSampled ? "01" : "00")")
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-0", "00-\(trace)-\(span)-01-more",
        "00-\(trace)-\(span)-011", "cc-\(trace)-\(span)-011", "ff-\(trace)-\(span)-01", "0-\(trace)-\(span)-001",
        "00_\(trace)_\(span)_01", "00-\(trace.uppercased())-\(span)-01", "00-\(trace)-\(span)-0G",
        "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01", "é0-\(trace)-\(span)-01",
        " 00-\(trace)-\(span)-01", "+0-\(trace)-\(span)-01",
    ]) func whatIsNoContextIsNone(text: String) { #expect(TraceContext(parent: text) == nil) }

    @Test func aStateIsKeptIfItIsNotTooLong() {
        let parent = "00-\(Self.trace)-\(Self.span)-01"
        #expect(TraceContext(parent: parent, state: "a=1,b=2")?.state == "a=1,b=2")
        #expect(TraceContext(parent: parent, state: "")?.state == nil)
        #expect(TraceContext(parent: parent, state: String(repeating: "a", count: 512))?.state?.count == 512)
        #expect(TraceContext(parent: parent, state: String(repeating: "a", count: 513))?.state == nil)
    }
}
