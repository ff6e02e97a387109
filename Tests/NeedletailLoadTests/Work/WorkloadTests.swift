internal import Testing

@testable internal import needletail_load

/// Workloads by name, and sizes that differ.
@Suite struct WorkloadTests {
    @Test(
        "ETC's sizes have the published distributions' quantiles, and keys and values have nothing to do with each other"
    )
    func etcSizes() {
        let classes = EntrySizes.etc.classes
        #expect(classes.count == EntrySizes.classCount)
        let keys = classes.map(\.key).sorted()
        let values = classes.map(\.value).sorted()
        // GEV(30.8, 8.2, 0.0787) has its median at 33.9 and 99 of 100 below 76; GPD(15, 214.5, 0.348) at 183 and 2,460.
        #expect((33...35).contains(keys[128]))
        #expect((70...80).contains(keys[253]))
        #expect((178...190).contains(values[128]))
        #expect((2_200...2_700).contains(values[253]))
        #expect(keys.allSatisfy { (8...250).contains($0) })
        let longKeys = classes.filter { $0.key > 35 }
        let above = longKeys.count { $0.value > 183 }
        #expect((0.4...0.6).contains(Double(above) / Double(longKeys.count)))
    }

    @Test("an entry has the size that its number says, and each class as many entries")
    func sizesOfEntries() {
        let keys = KeySpace(count: 100_000, .etc)
        var counts = [Int](repeating: 0, count: EntrySizes.classCount)
        for number: UInt32 in 0..<100_000 { counts[EntrySizes.index(of: number)] += 1 }
        for count in counts { #expect((300...480).contains(count)) }
        for number: UInt32 in [0, 1, 99_999] {
            let size = EntrySizes.etc.classes[EntrySizes.index(of: number)]
            #expect(keys.key(number).count == size.key)
            #expect(keys.value(number).count == size.value)
        }
        #expect(Set((0..<100_000).map { keys.key($0) }).count == 100_000)
        let mixed = EntrySizes(keySize: 16, values: [(100, 90), (10_000, 10)])
        #expect((25...26).contains(mixed.classes.count { $0.value == 10_000 }))
        #expect(mixed.hasOneKeySize)
        #expect(!EntrySizes.etc.hasOneKeySize)
    }

    @Test("kinds of calls are drawn by their weights")
    func weights() {
        let mix = Workload.etc.mix(keysPerCall: 1)
        let chooser = KindChooser(mix) { _ in true }
        var random = WyRand(seed: 1)
        let puts = (0..<310_000).count { _ in chooser.next(&random) == 1 }
        #expect((9_500...10_500).contains(puts))
        #expect(KindChooser(mix) { $0.isApart }.isEmpty)
        let noisy = mix.with(LargeValues(), perCall: 0.01)
        #expect(KindChooser(noisy) { $0.isApart }.next(&random) == 2)
        let share = (0..<100_000).count { _ in KindChooser(noisy) { _ in true }.next(&random) == 2 }
        #expect((800...1_200).contains(share))
    }

    @Test("workloads are what their authors describe")
    func mixes() {
        func shares(_ workload: Workload) -> [String: Double] {
            let parts = workload.mix(keysPerCall: 100).parts
            let sum = parts.reduce(0) { $0 + $1.weight }
            return parts.reduce(into: [:]) { $0[$1.title, default: 0] += ($1.weight / sum * 1_000).rounded() / 10 }
        }
        #expect(shares(.ycsbA) == ["get": 50, "put": 50])
        #expect(shares(.ycsbB) == ["get": 95, "put": 5])
        #expect(shares(.ycsbC) == ["get": 100])
        #expect(shares(.ycsbD) == ["get": 95, "insert": 5])
        #expect(shares(.ycsbE) == ["range": 95, "insert": 5])
        #expect(shares(.ycsbF) == ["get": 50, "read-modify-write": 50])
        #expect(shares(.etc) == ["get": 96.8, "put": 3.2])
        let lengths = Workload.ycsbE.mix(keysPerCall: 1).parts.filter(\.isRange).map(\.shape.keysPerCall)
        #expect(lengths.reduce(0, +) / lengths.count == 50)
        #expect(Workload.ycsbD.mix(keysPerCall: 1).parts[0].order == .latest)
        #expect(Workload.feedPage.mix(keysPerCall: 1).timeoutMillis == 15)
    }
}
