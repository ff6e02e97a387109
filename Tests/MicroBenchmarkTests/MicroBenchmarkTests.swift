import MicroBenchmarks
import Testing

struct MicroBenchmarkTests {
    @Test func namesAreTheirOwn() {
        let names = MicroBenchmark.all.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names { #expect(MicroBenchmark.named(name)?.name == name) }
    }

    /// What would differ from process to process, differs from one preparation to the next.
    @Test(arguments: MicroBenchmark.all.map(\.name)) func theSameIsDoneEachTime(name: String) throws {
        let benchmark = try #require(MicroBenchmark.named(name))
        let results = try (0..<2).map { _ in try benchmark.prepare()(2 * benchmark.cycle) }
        #expect(results[0] == results[1])
        #expect(results[0] != 0)
    }
}
