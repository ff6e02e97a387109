//! A read of many keys in parts, without a network: what it costs to begin the parts, to take their results, and to drop
//! what is left when time is over.

internal import NIOCore
internal import NeedletailWire
internal import StorageEngine

enum FanOutBenchmarks {
    static let all = [wait, cancel]

    private static let width = FanOutWidth(concurrency: 16, keysPerPart: 1)
    private static let countedReads = 100

    /// An operation is a read of 100 keys in as many parts, 16 of them at a time, all of which answer.
    private static let wait = MicroBenchmark("fan-out.wait-100", countedOperations: countedReads) {
        let keys = BinaryList((0..<MicroSample.keysPerCall).map(MicroSample.key))
        return { operations in
            var ends = 0
            for _ in 0..<operations {
                let node = StubNode()
                let read = MultiRead(keys, width: width) { ends &+= 1 }
                read.run(node.parts(of: keys))
                while node.answerOne() {}
            }
            return ends
        }
    }

    /// An operation is such a read of which half of the parts answer; then it is cancelled.
    private static let cancel = MicroBenchmark("fan-out.cancel-100", countedOperations: countedReads) {
        let keys = BinaryList((0..<MicroSample.keysPerCall).map(MicroSample.key))
        return { operations in
            var dropped = 0
            for _ in 0..<operations {
                let node = StubNode()
                let read = MultiRead(keys, width: width) {}
                read.run(node.parts(of: keys))
                for _ in 0..<(keys.count / 2) { _ = node.answerOne() }
                read.cancel()
                dropped &+= read.cancelledParts
            }
            return dropped
        }
    }
}

/// Where keys live: parts that were begun, answered in their order.
private final class StubNode {
    private let value = MicroSample.value(1)
    private var begun: [ReadPart] = []
    private var answered = 0

    func parts(of keys: BinaryList) -> [ReadPart] {
        (0..<keys.count).map { index in
            ReadPart([Int32(index)]) { [unowned self] part in
                part.onCancel = {}
                begun.append(part)
            }
        }
    }

    /// - Returns: false if nothing waits for an answer.
    func answerOne() -> Bool {
        guard answered < begun.count else { return false }
        let part = begun[answered]
        answered += 1
        for key in part.keys { part.found(value, at: key) }
        part.end()
        return true
    }
}
