public import NeedletailTelemetry
internal import NeedletailThreads
public import NeedletailWire

/// Two services on one port. A call goes to the first one; if that has no such method, to the second. The methods of the
/// second have the numbers behind those of the first.
///
/// A group of the first ends before a call of the second: that may take long, and others may wait for the group.
public final class PairedService<First: RPCService, Second: RPCService>: RPCService {
    private let first: First
    private let second: Second
    private let firstCount = First.methodNames.count
    /// Whether the groups that ended before a call of the second, since `finishGroup`, have come true.
    private let earlierAreTrue = Confined(true)

    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    public static var methodNames: [String] { First.methodNames + Second.methodNames }

    @_lifetime(reader: copy reader)
    public func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> CallOutcome {
        do throws(CallRefusal) { return try first.call(head, times, &reader, &writer) } catch {
            guard error.isUnknownMethod else { throw error }
            endGroup()
            return renumbered(try second.call(head, times, &reader, &writer))
        }
    }

    @_lifetime(reader: copy reader)
    public func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> CallOutcome {
        do throws(CallRefusal) { return try first.call(head, times, &reader, &writer) } catch {
            guard error.isUnknownMethod else { throw error }
            endGroup()
            return renumbered(try second.call(head, times, &reader, &writer))
        }
    }

    @_lifetime(reader: copy reader)
    public func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> CallOutcome {
        do throws(CallRefusal) { return try first.call(head, times, &reader, &writer) } catch {
            guard error.isUnknownMethod else { throw error }
            endGroup()
            return renumbered(try second.call(head, times, &reader, &writer))
        }
    }

    private func endGroup() {
        if !first.finishGroup() { earlierAreTrue.value = false }
    }

    private func renumbered(_ outcome: CallOutcome) -> CallOutcome {
        switch outcome {
        case .answered(let method): .answered(firstCount + method)
        case .provisional(let method): .provisional(firstCount + method)
        case .later(let method, let answer): .later(firstCount + method, answer)
        }
    }

    /// One for both services of a loop, which the first has.
    public var callers: LoopCallers? { first.callers }

    // MARK: Overload

    public var shedsCalls: Bool { first.shedsCalls && second.shedsCalls }

    public func isUrgent(_ head: borrowing CallHead) -> Bool { first.isUrgent(head) || second.isUrgent(head) }

    /// Both keep theirs in one place.
    public var notes: CallNotes? { first.notes ?? second.notes }

    // MARK: Looking ahead

    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool {
        if try first.anticipate(head, &reader) { return true }
        return try second.anticipate(head, &reader)
    }

    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool {
        if try first.anticipate(head, &reader) { return true }
        return try second.anticipate(head, &reader)
    }

    @_lifetime(reader: copy reader)
    public func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool {
        if try first.anticipate(head, &reader) { return true }
        return try second.anticipate(head, &reader)
    }

    public func finishAnticipating() {
        first.finishAnticipating()
        second.finishAnticipating()
    }

    public func finishGroup() -> Bool {
        let (firstIsTrue, secondIsTrue) = (first.finishGroup(), second.finishGroup())
        defer { earlierAreTrue.value = true }
        return earlierAreTrue.value && firstIsTrue && secondIsTrue
    }

    // MARK: What became of calls

    public func answered(_ method: Int, _ format: RPCFormat, threw failure: (any Error)?) {
        if method < firstCount {
            first.answered(method, format, threw: failure)
        } else {
            second.answered(method - firstCount, format, threw: failure)
        }
    }

    public func cancelled(_ method: Int, _ format: RPCFormat) {
        if method < firstCount {
            first.cancelled(method, format)
        } else {
            second.cancelled(method - firstCount, format)
        }
    }

    /// Calls that reach no method are counted by the first.
    public func refused(_ refusal: CallRefusal, _ format: RPCFormat) { first.refused(refusal, format) }
}

extension CallRefusal {
    fileprivate var isUnknownMethod: Bool {
        if case .unknownMethod = self { true } else { false }
    }
}
