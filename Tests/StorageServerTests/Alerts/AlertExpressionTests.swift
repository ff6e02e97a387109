import Testing

@testable import StorageServer

@Suite struct AlertExpressionTests {
    @Test(arguments: [
        "connections", "requests_shed_total{reason=\"sojourn\"}", "a_1{b=\"c d\",e=\"\"}", "rate(a)",
        "increase(a{b=\"c\"})",
        "ratio(a, b{c=\"d\"})", "share(a{x=\"}\"}, b)", "quantile(0.99, a{b=\"c\"})",
    ]) func whatIsWrittenIsWhatWasRead(_ text: String) throws {
        #expect("\(try #require(AlertExpression(text)))" == text)
    }

    @Test func spacesAndThePrefixMayBeWritten() {
        #expect(AlertExpression("  rate ( needletail_a { b = \"c\" } ) ") == AlertExpression("rate(a{b=\"c\"})"))
        #expect(AlertExpression("ratio(a,needletail_b)") == AlertExpression("ratio(a, b)"))
        // A metric may be called as a function is.
        #expect(AlertExpression("rate") == .value(MetricSelector("rate")))
    }

    @Test(arguments: [
        "", " ", "1a", "a b", "a{", "a{b}", "a{b=c}", "a{b=\"c\"", "a{b=\"c}", "a{}", "rate()", "rate(a", "rate(a))",
        "rate(a, b)", "ratio(a)", "sum(a)", "quantile(a)", "quantile(1.1, a)", "quantile(-1, a)", "rate(rate(a))",
        "a > 1",
        "a + b", "needletail_", "é", "a{b=\"\\\"\"}", "quantile(0.5a, b)",
    ]) func anythingElseIsRefused(_ text: String) {
        #expect(AlertExpression(text) == nil)
    }
}
