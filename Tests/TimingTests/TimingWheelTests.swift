//! The wheel: nothing fires early, nothing is forgotten, and a turn is bounded.

import Testing

@testable import Timing

/// Nodes at fixed addresses, with what became of them.
@safe
private final class Nodes {
    let nodes: UnsafeMutablePointer<TimingWheel.Node>
    let count: Int

    init(_ deadlines: [Int64]) {
        count = deadlines.count
        unsafe nodes = .allocate(capacity: count)
        for (index, deadline) in deadlines.enumerated() {
            unsafe (nodes + index).initialize(to: TimingWheel.Node(deadline: deadline))
        }
    }

    deinit { unsafe nodes.deallocate() }

    func index(_ node: UnsafeMutablePointer<TimingWheel.Node>) -> Int { unsafe node - nodes }
}

@Suite struct TimingWheelTests {
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    /// Random deadlines, from a tick to centuries, some removed; time goes in random steps with random budgets.
    @Test(arguments: [0, 6, 20])
    func nodesFireInTimeAndOnce(tickShift: Int) {
        for seed in 0..<20 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let start = Int64.random(in: 0...1_700_000_000_000, using: &generator)
            let spans: [Int64] = [1, 100, 10_000, 10_000_000, 40_000_000_000]
            let deadlines = (0..<400).map { _ in
                start + Int64.random(in: -50...spans.randomElement(using: &generator)!, using: &generator)
            }
            let nodes = Nodes(deadlines)
            var wheel = TimingWheel(start: start, tickShift: tickShift)
            var waiting = Set(0..<nodes.count)
            for index in 0..<nodes.count { unsafe wheel.insert(nodes.nodes + index) }
            for index in 0..<nodes.count where index % 7 == 0 {
                unsafe wheel.remove(nodes.nodes + index)
                unsafe wheel.remove(nodes.nodes + index)
                waiting.remove(index)
            }
            #expect(wheel.count == waiting.count)
            var now = start
            while !waiting.isEmpty {
                now += Int64.random(in: 0...spans.randomElement(using: &generator)!, using: &generator)
                var isDone = false
                while !isDone {
                    var fired = 0
                    let budget = Int.random(in: 1...50, using: &generator)
                    isDone = unsafe wheel.advance(to: now, budget: budget) { node in
                        let index = unsafe nodes.index(node)
                        #expect(deadlines[index] <= now && waiting.remove(index) != nil)
                        unsafe #expect(!node.pointee.isScheduled)
                        fired += 1
                    }
                    #expect(fired <= budget)
                }
                let tick = Int64(1) << Int64(tickShift)
                #expect(waiting.allSatisfy { deadlines[$0] > now - tick })
                if let next = wheel.nextTurn { #expect(waiting.allSatisfy { deadlines[$0] >= next - tick }) }
                #expect(wheel.count == waiting.count)
            }
            let isEmpty = wheel.isEmpty
            #expect(isEmpty && wheel.nextTurn == nil)
        }
    }

    @Test func theFurthestDeadlineWaits() {
        let nodes = Nodes([.max, .max - 1, 5, .min])
        var wheel = TimingWheel(start: 0, tickShift: 0)
        for index in 0..<4 { unsafe wheel.insert(nodes.nodes + index) }
        var fired: [Int] = []
        #expect(unsafe wheel.advance(to: 1 << 40, budget: 100) { fired.append(unsafe nodes.index($0)) })
        #expect(fired.sorted() == [2, 3] && wheel.count == 2)
    }

    @Test func timeThatGoesBackIsIgnored() {
        let nodes = Nodes([100, 200])
        var wheel = TimingWheel(start: 50, tickShift: 0)
        unsafe wheel.insert(nodes.nodes)
        var fired = 0
        #expect(unsafe wheel.advance(to: 150, budget: 10) { _ in fired += 1 })
        #expect(unsafe wheel.advance(to: 20, budget: 10) { _ in fired += 1 })
        #expect(fired == 1)
        unsafe wheel.insert(nodes.nodes + 1)
        #expect(unsafe wheel.advance(to: 199, budget: 10) { _ in fired += 1 })
        #expect(fired == 1)
        #expect(unsafe wheel.advance(to: 200, budget: 10) { _ in fired += 1 })
        #expect(fired == 2)
    }

    /// The clock ran ahead by anything up to years; nodes were inserted then, and are after it was put back.
    @Test(arguments: [0, 6])
    func nodesFireInTimeAfterTheWheelWasTurnedBack(tickShift: Int) {
        let tick = Int64(1) << Int64(tickShift)
        for seed in 0..<20 as Range<UInt64> {
            var generator = SplitMix(state: seed)
            let start: Int64 = 1_700_000_000_000
            let spans: [Int64] = [100, 10_000, 10_000_000, 40_000_000_000]
            let deadlines = (0..<400).map { index in start + Int64.random(in: 0...spans[index % 4], using: &generator) }
            let nodes = Nodes(deadlines)
            let ahead = Int64.random(in: 1_000...50_000_000_000, using: &generator)
            var wheel = TimingWheel(start: start + ahead, tickShift: tickShift)
            var waiting = Set(0..<nodes.count)
            for index in 0..<200 { unsafe wheel.insert(nodes.nodes + index) }
            let isTurned = wheel.turnBack(to: start)
            #expect(isTurned)
            for index in 200..<400 { unsafe wheel.insert(nodes.nodes + index) }
            var now = start
            var turn = 0
            while !waiting.isEmpty {
                let budget = Int.random(in: 1...50, using: &generator)
                let isDone = unsafe wheel.advance(to: now, budget: budget) { node in
                    let index = unsafe nodes.index(node)
                    #expect(deadlines[index] <= now && waiting.remove(index) != nil)
                }
                // Nodes are taken back wherever they are.
                turn += 1
                let taken = turn * 31 % nodes.count
                if turn % 7 == 0, waiting.remove(taken) != nil { unsafe wheel.remove(nodes.nodes + taken) }
                #expect(wheel.count == waiting.count)
                guard isDone else { continue }
                #expect(waiting.allSatisfy { deadlines[$0] > now - tick })
                now += Int64.random(in: 0...spans[turn % 4], using: &generator)
            }
        }
    }

    @Test func aWheelIsTurnedBackAgainWhenItHasFinished() {
        let nodes = Nodes([1_000, 2_000, 3_000])
        var wheel = TimingWheel(start: 1_000_000, tickShift: 0)
        for index in 0..<3 { unsafe wheel.insert(nodes.nodes + index) }
        let bytes = wheel.memoryBytes
        var fired = 0
        var isTurned = wheel.turnBack(to: 500)
        #expect(isTurned && wheel.memoryBytes == 2 * bytes)
        #expect(wheel.nextTurn == 500)
        let isDone = unsafe wheel.advance(to: 500, budget: 1) { _ in fired += 1 }
        #expect(!isDone)
        isTurned = wheel.turnBack(to: 100)
        #expect(!isTurned)
        #expect(unsafe wheel.advance(to: 500, budget: 10) { _ in fired += 1 })
        #expect(wheel.memoryBytes == bytes)
        isTurned = wheel.turnBack(to: 100)
        #expect(isTurned)
        #expect(unsafe wheel.advance(to: 999, budget: 10) { _ in fired += 1 })
        #expect(fired == 0 && wheel.count == 3)
        // A later time is none to turn back to.
        isTurned = wheel.turnBack(to: 2_000)
        #expect(isTurned && wheel.memoryBytes == bytes)
        #expect(unsafe wheel.advance(to: 2_999, budget: 10) { _ in fired += 1 })
        #expect(fired == 2)
        #expect(unsafe wheel.advance(to: 3_000, budget: 10) { _ in fired += 1 })
        #expect(fired == 3)
    }

    @Test func aTurnOverEmptyCenturiesIsShort() {
        let nodes = Nodes([1])
        var wheel = TimingWheel(start: 0, tickShift: 0)
        unsafe wheel.insert(nodes.nodes)
        // A thousand turns over a century each would not end if a turn walked over its ticks.
        for century in 1...1_000 {
            _ = unsafe wheel.advance(to: Int64(century) * 3_155_760_000, budget: 1) { _ in }
        }
        let isEmpty = wheel.isEmpty
        #expect(isEmpty)
    }

    @Test func aNodeCanBeInsertedAgainAfterItFired() {
        let nodes = Nodes([10])
        var wheel = TimingWheel(start: 0, tickShift: 0)
        for _ in 0..<3 {
            unsafe wheel.insert(nodes.nodes)
            var fired = 0
            #expect(unsafe wheel.advance(to: 10, budget: 1) { _ in fired += 1 })
            #expect(fired == 1)
        }
    }
}
