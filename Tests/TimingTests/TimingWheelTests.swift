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
