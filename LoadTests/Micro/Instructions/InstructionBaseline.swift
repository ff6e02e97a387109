//! What operations may cost, in instructions: kept in the repository, compared in CI, never a time.

package import Foundation

/// How what is counted was built. Tests see inside of modules (`-enable-testing`), so that the compiler cannot specialise and
/// drop what only the module itself uses: some pieces take a quarter more instructions then.
package enum CountedBuild: String, Sendable {
    /// As users have it: `swift build -c release`.
    case release
    /// As CI has it anyway, for counting allocations: `swift test -c release`.
    case tests
}

/// The counts that were agreed on.
package struct InstructionBaseline: Codable, Hashable, Sendable {
    /// More than so much above a baseline's count fails: beyond what compilers and C libraries of one series differ by.
    package static let toleranceAbove = 0.05
    /// More than so much below, and the baseline is to be lowered, so that what was won is kept.
    package static let toleranceBelow = 0.05

    /// Counts of another processor's instructions say nothing.
    package var architecture: String
    /// Instructions of one operation, by build and by the benchmark's name.
    private var builds: [String: [String: Double]] = [:]

    package init(architecture: String = currentArchitecture) { self.architecture = architecture }

    /// Instructions of one operation, by the benchmark's name; kept to a tenth, which is finer than what is asked for.
    package subscript(build: CountedBuild) -> [String: Double] {
        get { builds[build.rawValue] ?? [:] }
        set { builds[build.rawValue] = newValue.mapValues { ($0 * 10).rounded() / 10 } }
    }

    package static var currentArchitecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "another"
        #endif
    }

    package init(contentsOf file: URL) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    package func write(to file: URL) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (encoder.encode(self) + Data("\n".utf8)).write(to: file)
    }

    /// What a count says beside the baseline.
    package func verdict(_ name: String, _ count: Double, _ build: CountedBuild) -> InstructionVerdict {
        guard let expected = self[build][name] else { return .unknown }
        let change = expected > 0 ? count / expected - 1 : count > 0 ? .infinity : 0
        if change > Self.toleranceAbove { return .more(change) }
        if change < -Self.toleranceBelow { return .fewer(change) }
        return .kept(change)
    }
}

/// A count beside its baseline, as a share of that: 0.06 is 6% more.
package enum InstructionVerdict: Hashable, Sendable {
    case kept(Double)
    case more(Double)
    case fewer(Double)
    /// The baseline does not know the benchmark.
    case unknown

    /// Whether the gate is closed. Fewer instructions are good news, which the baseline is told of.
    package var isFailure: Bool {
        switch self {
        case .kept, .fewer: false
        case .more, .unknown: true
        }
    }
}
