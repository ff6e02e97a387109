internal import Testing

@testable internal import needletail_load

/// Main effects and interactions.
@Suite struct CaseFactorialTests {
    private static func factor(_ changes: [CaseChange], _ base: BlobDecoder = .naiveThrift) -> Double? {
        CaseFactorial.factor(of: changes, base: base, CaseStudySample.p99)
    }

    private static func isNear(_ value: Double?, _ expected: Double) -> Bool {
        value.map { abs($0 / expected - 1) < 1e-9 } ?? false
    }

    @Test("factors that are known are found, and a change that does not care about the others has no interaction")
    func known() {
        #expect(Self.isNear(Self.factor([.concurrent]), 6))
        // An extra of 1.44 where both are made: half of it, as a ratio, belongs to each, and half to both.
        #expect(Self.isNear(Self.factor([.pooled]), 1.25 * 1.2))
        #expect(Self.isNear(Self.factor([.messagePack]), 3 * 1.2))
        #expect(Self.isNear(Self.factor([.messagePack], .thrift), 1.5 * 1.2))
        #expect(Self.isNear(Self.factor([.messagePack, .pooled]), 1.2))
        for changes: [CaseChange] in [[.messagePack, .concurrent], [.pooled, .concurrent], CaseChange.allCases] {
            #expect(Self.isNear(Self.factor(changes), 1))
        }
    }

    @Test("the factor of a change where another is made is its own times that of both")
    func conditional() {
        let p99 = CaseStudySample.p99
        let before = CaseVariant(decoder: .naiveThrift, buffers: .pooled, reads: .sequential)
        let after = CaseChange.messagePack.made(in: before, as: .full)
        let product = Self.factor([.messagePack]).flatMap { own in
            Self.factor([.messagePack, .pooled]).map { own * $0 }
        }
        #expect(Self.isNear(product, p99(before) / p99(after)))
    }

    @Test("main effects and the interaction of three multiply to all three together, whatever the figures")
    func product() throws {
        var random = WyRand(seed: 7)
        let figures = Dictionary(uniqueKeysWithValues: CaseVariant.all.map { ($0, Double(random.next() % 1_000 + 1)) })
        let factors = CaseFactorial.terms.filter { $0.count != 2 }
            .compactMap { CaseFactorial.factor(of: $0, base: .thrift) { figures[$0] } }
        let before = try #require(figures[.none(.thrift)])
        let after = try #require(figures[.full])
        #expect(factors.count == 4)
        #expect(Self.isNear(factors.reduce(1, *), before / after))
    }

    @Test("a figure that is missing leaves no factor")
    func missing() {
        #expect(CaseFactorial.factor(of: [.pooled], base: .thrift) { $0 == .full ? nil : 1 } == nil)
        let records = CaseVariant.all.map { CaseStudySample.variant($0) }.dropLast()
        #expect(CaseFactorial.effects(Array(records), base: .thrift).allSatisfy { $0.factors.isEmpty })
    }

    @Test("the rounds say what noise gives")
    func rounds() throws {
        var records = CaseVariant.all.map { CaseStudySample.variant($0) }
        for index in records.indices where records[index].variant.reads == .concurrent {
            records[index].rounds[2].latencyMicroseconds.p99 /= 2
        }
        let effect = try #require(
            CaseFactorial.effects(records, base: .naiveThrift).first { $0.changes == [.concurrent] })
        let factor = try #require(effect.factors[.p99])
        #expect(Self.isNear(factor.value, 6))
        #expect(Self.isNear(factor.least, 6))
        #expect(Self.isNear(factor.most, 12))
        // A round in which any of them was throttled says nothing.
        records[0].rounds[2].throttled = 1
        let without = try #require(
            CaseFactorial.effects(records, base: .naiveThrift).first { $0.changes == [.concurrent] })
        #expect(Self.isNear(try #require(without.factors[.p99]).most, 6))
    }
}
