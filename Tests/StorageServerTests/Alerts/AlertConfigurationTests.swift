import StorageServer
import Testing

@Suite("Alert rules in the configuration")
struct AlertConfigurationTests {
    private func rules(_ text: String) throws -> [AlertRule] {
        let file = ConfigurationFile(text: text, path: "f.yaml", table: .server)
        return ServerConfiguration(try ConfigurationLoader().resolve(file: file).resolved).alerting.rules
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try rules(text)
            return []
        } catch {
            return (error as? ConfigurationError)?.lines ?? ["\(error)"]
        }
    }

    @Test func aDefaultRuleIsChangedFieldByField() throws {
        let changed = try rules("alerts:\n  disk-space:\n    threshold: 0.2\n    for: 2m\n    severity: critical\n")
        let before = try #require(AlertRule.defaults.first { $0.name == "disk-space" })
        let after = try #require(changed.first { $0.name == "disk-space" })
        #expect(after.threshold == 0.2 && after.durationMillis == 120_000 && after.severity == .critical)
        #expect(after.expression == before.expression && after.summary == before.summary)
        #expect(changed.count == AlertRule.defaults.count)
    }

    @Test func aRuleIsSwitchedOffAndOthersStay() throws {
        let left = try rules("alerts: {shedding: {enabled: false}}")
        #expect(left == AlertRule.defaults.filter { $0.name != "shedding" })
    }

    @Test func ownRulesAreAdded() throws {
        let text = """
            alerts:
              many-connections:
                metric: connections
                comparison: ">="
                threshold: 9e3
              cancelled-parts: {metric: 'rate(needletail_fanout_parts_cancelled_total)', comparison: ">", threshold: 1,
                window: 5m, for: 10s, severity: critical, summary: too slow}
            """
        let own = try rules(text).suffix(2)
        #expect(
            Array(own) == [
                AlertRule(
                    "many-connections", .value(MetricSelector("connections")), .atLeast, 9_000, severity: .warning,
                    summary: "many-connections"),
                AlertRule(
                    "cancelled-parts", .rate(MetricSelector("fanout_parts_cancelled_total")), .above, 1,
                    durationMillis: 10_000, windowMillis: 300_000, severity: .critical, summary: "too slow"),
            ])
    }

    @Test func theExampleOfTheDocumentsIsARule() throws {
        let text = """
            alerts: { p99-over-budget: { metric: 'request_duration_quantile_seconds{method="multiGet",quantile="0.99"}', \
            comparison: ">", threshold: 0.015, for: 30s, severity: warning } }
            """
        #expect(try rules(text) == AlertRule.defaults)
    }

    @Test func everythingThatIsWrongIsNamedWithItsLine() {
        let text = """
            alerts:
              disk-space:
                treshold: 1
                threshold: much
                for: 10
                window: 0s
              own:
                metric: sum(connections)
                comparison: "="
                enabled: perhaps
              Bad_Name: {metric: a, comparison: ">", threshold: 1}
              empty:
            """
        let expected = [
            "file f.yaml:3: unknown key 'alerts.disk-space.treshold'; did you mean 'threshold'?",
            "file f.yaml:4: alerts.disk-space.threshold: 'much' is not valid; expected a number",
            "file f.yaml:5: alerts.disk-space.for: '10' is not valid; expected a duration from 0 to 7d, such as 500ms, 10s or 1h",
            "file f.yaml:6: alerts.disk-space.window: '0s' is not valid; expected a duration from 1s to 7d, such as 500ms, 10s or 1h",
            "file f.yaml:7: alerts.own.threshold has no value; expected a number",
            "file f.yaml:8: alerts.own.metric: 'sum(connections)' is not valid; expected a metric such as connections or connect...",
            "file f.yaml:9: alerts.own.comparison: '=' is not valid; expected one of >, >=, <, <=",
            "file f.yaml:10: alerts.own.enabled: 'perhaps' is not valid; expected true or false",
            "file f.yaml:11: alerts: 'Bad_Name' is not valid; expected a rule's name of small letters, digits and dashes, at most 64 of them",
            "file f.yaml:12: alerts.empty.metric has no value; expected a metric",
        ]
        let lines = problems(text)
        for line in expected {
            let start = line.hasSuffix("...") ? String(line.dropLast(3)) : line
            #expect(lines.contains { $0.hasPrefix(start) }, "\(line)")
        }
        #expect(lines.count == expected.count + 2, "the empty rule lacks three fields: \(lines)")
    }

    @Test func whatIsNoMappingIsRefused() {
        #expect(problems("alerts: 1") == ["file f.yaml:1: 'alerts' is a section; expected keys below it"])
        #expect(
            problems("alerts:\n  a: [b]").first == "file f.yaml:2: 'alerts.a' is a section; expected keys below it")
        #expect(problems("alert:\n  a: {}") == ["file f.yaml:1: unknown key 'alert'; did you mean 'alerts'?"])
        #expect(
            problems("alerts:\n  shedding:\n    threshold: [1]").first
                == "file f.yaml:3: alerts.shedding.threshold has no value; expected a single value")
        #expect(problems("alerts:\n").isEmpty)
    }

    @Test func printedRulesAreRulesAgainWithTheirOrigins() throws {
        let text =
            "alerts:\n  shedding:\n    threshold: 0.5\n  own: {metric: 'm{a=\"b\"}', comparison: <, threshold: -1}\n"
        let file = ConfigurationFile(text: text, path: "f.yaml", table: .server)
        let resolved = try ConfigurationLoader().resolve(file: file).resolved
        let printed = resolved.rendered()
        #expect(printed.contains("\n    threshold: 0.5  # file f.yaml:3\n"))
        let (again, before) = (try rules(printed), try rules(text))
        #expect(again == before)
    }
}
