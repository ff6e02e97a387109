//! What instructions are counted of: `needletail-micro NAME OPERATIONS` does a piece of work once to warm up, then so many
//! operations of it. Without arguments it names the pieces.
//!
//! A program of its own, because it is started anew for each count, and half of what the load harness is linked to would
//! only be started.

internal import MicroBenchmarks

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

@main
struct NeedletailMicro {
    private static let wrongUsage: Int32 = 2

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.first else {
            for benchmark in MicroBenchmark.all { print(benchmark.name) }
            return
        }
        guard arguments.count == 2, let operations = arguments.last.flatMap(Int.init), operations > 0,
            let benchmark = MicroBenchmark.named(name), operations % benchmark.cycle == 0
        else {
            print("needletail-micro NAME OPERATIONS, a name of those that it prints, and whole cycles of it")
            exit(wrongUsage)
        }
        let work = try benchmark.prepare()
        print(try work(operations))
    }
}
