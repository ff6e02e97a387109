import Foundation
import Testing

@Suite struct ReplayTests {
    @Test("every input of the corpus, and every one that ever failed, satisfies the oracles", arguments: FuzzTarget.all)
    func replay(target: FuzzTarget) throws {
        for folder in [InputFiles.Folder.corpus, .regressions] {
            for (name, input) in try InputFiles.read(folder, target) {
                #expect(throws: Never.self, "\(folder.rawValue)/\(target)/\(name)") { try target.check(input) }
            }
        }
    }

    /// `FUZZ_WRITE_CORPUS=1` writes the files anew.
    @Test("the corpus is what Seeds.swift lists", arguments: FuzzTarget.all)
    func corpus(target: FuzzTarget) throws {
        let seeds = Seed.all(of: target)
        if ProcessInfo.processInfo.environment["FUZZ_WRITE_CORPUS"] == "1" {
            try InputFiles.write(seeds, of: target)
        }
        let files = try InputFiles.read(.corpus, target)
        #expect(files.count == seeds.count)
        for seed in seeds { #expect(files[seed.name] == seed.bytes, "\(target)/\(seed.name)") }
    }
}
