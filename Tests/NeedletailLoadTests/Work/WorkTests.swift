internal import Testing

@testable internal import needletail_load

@Suite struct WorkTests {
    @Test("a key ends with its entry's number in hexadecimal", arguments: [8, 10, 16, 250])
    func keys(_ size: Int) {
        let keys = KeySpace(count: 1, keySize: size, valueSize: 8)
        for number: UInt32 in [0, 1, 9, 10, 15, 16, 0xabcd_ef01, 0x1234_5678, .max] {
            let key = String(decoding: keys.key(number), as: UTF8.self)
            let digits = String(number, radix: 16)
            #expect(key.utf8.count == size)
            #expect(key.suffix(8) == String(repeating: "0", count: 8 - digits.count) + digits)
            #expect(size < 12 || key.hasPrefix("key:"))
        }
    }

    @Test("values depend on their key, and on nothing else")
    func values() {
        let keys = KeySpace(count: 1, keySize: 16, valueSize: 101)
        #expect(keys.value(5).count == 101)
        #expect(keys.value(5) == keys.value(5))
        #expect(Set((0..<1_000).map { keys.value($0) }).count == 1_000)
        #expect(Set(keys.value(7)).count > 32, "a value is no run of one byte")
    }

    @Test("keys are drawn evenly, and from the seed alone")
    func choosing() {
        var chooser = KeyChooser(.uniform, seed: 1, count: 10)
        var again = KeyChooser(.uniform, seed: 1, count: 10)
        var other = KeyChooser(.uniform, seed: 2, count: 10)
        var counts = [Int](repeating: 0, count: 10)
        var equal = 0
        for _ in 0..<100_000 {
            let number = chooser.next()
            counts[Int(number)] += 1
            #expect(number == again.next())
            if number == other.next() { equal += 1 }
        }
        for count in counts { #expect((9_500...10_500).contains(count)) }
        #expect((9_000...11_000).contains(equal))
        var resumed = chooser.resumed(at: chooser.state)
        #expect((0..<20).map { _ in resumed.next() } == (0..<20).map { _ in chooser.next() })
    }

    @Test("in sequence every entry comes once, then the first again")
    func sequence() {
        var chooser = KeyChooser(.sequential, seed: 0, count: 4)
        #expect((0..<6).map { _ in chooser.next() } == [0, 1, 2, 3, 0, 1])
    }

    @Test("arrivals are a Poisson process of the rate asked for, the same for the same seed")
    func arrivals() {
        let count = 200_000
        var schedule = ArrivalSchedule(rate: 50_000, seed: 9)
        let times = (0..<count).map { _ in schedule.next() }
        var again = ArrivalSchedule(rate: 50_000, seed: 9)
        #expect(times == (0..<count).map { _ in again.next() })
        var other = ArrivalSchedule(rate: 50_000, seed: 10)
        #expect(times.prefix(10) != (0..<10).map { _ in other.next() }[...])
        // The mean gap is 20 us, and so is its standard deviation; over this many arrivals both are sharp.
        let gaps = zip(times.dropFirst(), times).map { Double($0 - $1) }
        #expect(gaps.allSatisfy { $0 >= 0 })
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let deviation = (gaps.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(gaps.count)).squareRoot()
        #expect((19_800...20_200).contains(mean))
        #expect((19_600...20_400).contains(deviation))
    }
}
