internal import Foundation
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

    @Test(
        "by Zipf's law the entry of rank r is drawn in proportion to 1 / r ^ 0.99, and each rank has an entry of its own"
    )
    func zipf() {
        let (count, draws) = (1_000, 400_000)
        var chooser = KeyChooser(.zipf, seed: 4, count: count)
        var counts = [Int](repeating: 0, count: count)
        for _ in 0..<draws { counts[Int(chooser.next())] += 1 }
        #expect(counts.allSatisfy { $0 > 0 })
        let expected = (1...count).map { pow(Double($0), -0.99) }
        let sum = expected.reduce(0, +)
        let sorted = counts.sorted(by: >)
        for rank in [0, 1, 2, 9, 99] {
            let share = Double(sorted[rank]) / Double(draws)
            #expect((0.9...1.1).contains(share / (expected[rank] / sum)), "rank \(rank + 1): \(share)")
        }
        // The ten most frequent are no neighbours.
        let hot = counts.indices.sorted { counts[$0] > counts[$1] }.prefix(10).sorted()
        #expect(zip(hot, hot.dropFirst()).allSatisfy { $1 - $0 > 1 })
        var again = chooser.resumed(at: chooser.state)
        #expect((0..<20).map { _ in again.next() } == (0..<20).map { _ in chooser.next() })
    }

    @Test("the latest entries are drawn most, and none that is not there yet")
    func latest() {
        var chooser = KeyChooser(.latest, seed: 4, count: 1_000)
        chooser.newest = 1_500
        let numbers = (0..<10_000).map { _ in chooser.next() }
        #expect(numbers.allSatisfy { (501...1_500).contains($0) })
        #expect(numbers.count { $0 > 1_490 } > 3_000)
        var again = KeyChooser(.latest, seed: 4, count: 1_000).resumed(
            at: KeyChooser(.latest, seed: 4, count: 1_000).state, newest: 1_500)
        #expect((0..<20).map { _ in again.next() } == Array(numbers.prefix(20)))
    }

    @Test("a range is a drawn entry and those after it")
    func ranges() {
        var chooser = KeyChooser(.uniform, seed: 4, count: 10, runLength: 4)
        for _ in 0..<100 {
            let state = chooser.state
            let numbers = (0..<4).map { _ in chooser.next() }
            #expect(numbers == (0..<4).map { (numbers[0] + $0) % 10 })
            var again = chooser.resumed(at: state)
            #expect(numbers == (0..<4).map { _ in again.next() })
        }
    }

    @Test("an entry may be read when it and all before it are stored")
    func inserts() {
        var inserts = Inserts(count: 10)
        #expect(inserts.newest == 9)
        #expect((0..<3).map { _ in inserts.begin() } == [10, 11, 12])
        inserts.noteAnswered(11)
        #expect(inserts.newest == 9)
        inserts.noteAnswered(10)
        #expect(inserts.newest == 11)
        inserts.noteAnswered(10)
        inserts.noteAnswered(12)
        #expect(inserts.newest == 12)
        #expect(inserts.begin() == 13)
    }

    @Test("a rate that changes evenly has as many arrivals as its mean, and most where it is high")
    func ramp() {
        var schedule = ArrivalSchedule(rate: 1_000, endRate: 9_000, seconds: 10, seed: 2)
        var times: [Int64] = []
        while true {
            let time = schedule.next()
            if time >= 10_000_000_000 { break }
            times.append(time)
        }
        #expect((49_000...51_000).contains(times.count))
        let perSecond = (0..<10).map { second in times.count { $0 / 1_000_000_000 == second } }
        for (second, count) in perSecond.enumerated() {
            let expected = 1_400 + 800 * second
            #expect((expected - 300...expected + 300).contains(count), "second \(second): \(count)")
        }
        var falling = ArrivalSchedule(rate: 100, endRate: 1, seconds: 1, seed: 2)
        let last = (0..<1_000).map { _ in falling.next() }.last
        #expect(last == .max, "a falling rate ends")
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
