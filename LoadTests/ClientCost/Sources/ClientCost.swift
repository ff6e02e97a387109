//! `client-cost`: what a call costs the process that makes it, with our client, gRPC's for Swift, and redis-benchmark.

internal import ArgumentParser
internal import Foundation

@main
struct ClientCost: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client-cost",
        abstract: "Compare the CPU time per call of our client with redis-benchmark's and grpc-swift-2's.",
        subcommands: [CompareCommand.self, CallCommand.self, ServeGRPCCommand.self],
        defaultSubcommand: CompareCommand.self)
}

/// Why there is no figure.
struct CostError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What is asked for and answered: everybody moves the same bytes.
enum Entry {
    /// The key that redis-benchmark asks for, where it is not told to draw one: 16 bytes.
    static let key = "key:__rand_int__"
    /// Bytes.
    static let valueSize = 100

    static var value: [UInt8] { [UInt8](repeating: UInt8(ascii: "v"), count: valueSize) }
}

/// Refuses a number outside its range.
func check(_ value: Int, _ range: ClosedRange<Int>, _ option: String) throws {
    guard range.contains(value) else {
        throw ValidationError("\(option) is \(value); it can be \(range.lowerBound) to \(range.upperBound)")
    }
}

/// Bounds on options.
enum Bounds {
    static let calls = 1_000...10_000_000
    static let rounds = 1...1_000
    static let concurrency = 1...1_000
}
