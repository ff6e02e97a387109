//! Reads of many keys: a part that failed is seen in the statuses of its keys, or, with WAIT, fails the call.

internal import NIOCore
public import NeedletailRPC
internal import NeedletailWire

extension ShardedStorageClient {
    /// Reads many values at once, each from the server that has its key; all servers are asked at the same time.
    ///
    /// The answer is in the order of the request, and is what one server would answer. Without another policy (CANCEL) it
    /// comes at the deadline with what there is: keys of a server that has not answered by then are DEADLINE_EXCEEDED,
    /// those of one that is overloaded SHED, those of one that failed or could not be reached FAILED; `complete` is false
    /// then. With WAIT every server must answer, else the call throws what the first of the others threw.
    ///
    /// The deadline is the smallest of `options.timeout` and the request's `timeoutMillis`. Servers are told a little less
    /// (a twentieth, at most 10 ms, and what a client keeps for the way of the answer), so that what they have in time is here in time.
    /// - Throws: what is wrong with the call itself (INVALID_ARGUMENT, UNSUPPORTED), whoever finds it; that the task was
    ///   cancelled; with WAIT, a server's failure.
    public func multiGet(
        _ request: MultiGetRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> MultiGetResponse {
        try Self.check(request.validate)
        let parts = KeySplit(request.keys, placement).parts
        let outcomes: [Result<MultiGetResponse, CallFailure<StorageError>>] = try await gather(
            parts, stopsAtFailure: request.policy == .wait
        ) { (part) async throws(CallFailure<StorageError>) in
            try await multiGet(request, part, options)
        }
        // All keys are one server's.
        if outcomes.count == 1, case .success(let answer) = outcomes[0] { return answer }
        var assembly = MultiGetAssembly(request)
        for (part, outcome) in zip(parts, outcomes) {
            switch outcome {
            case .success(let answer): assembly.take(answer, for: part.positions)
            case .failure(let failure):
                if failure.isOfTheCall { throw failure }
                partFailed?(part.server, failure)
                assembly.miss(part.positions, failure.status)
            }
        }
        return assembly.finish()
    }

    private func multiGet(
        _ request: MultiGetRequest, _ part: KeySplit.Part, _ options: CallOptions?
    ) async throws(CallFailure<StorageError>) -> MultiGetResponse {
        let call = call(of: part, request.context, options)
        var own = request
        if part.positions.count < request.keys.count { own.keys = request.keys.selecting(part.positions) }
        let answer = try await call.server.multiGet(own, options: call.options)
        let count = part.positions.count
        guard answer.statuses.readableBytes == count, answer.values.count == count,
            request.withVersions != true || answer.versions?.count == count
        else { throw .call(.undecodable(.badMessage("an answer that is not for \(count) keys"))) }
        return answer
    }
}

/// Puts the servers' answers to one call together, in the order of its keys.
private struct MultiGetAssembly {
    /// What the values of one answer may have together: one buffer holds them.
    private static let valueBytesMax = 1 << 31

    private var statuses: [UInt8]
    private var values: [ByteBuffer]
    private var versions: [Int64]?
    private var valueBytes = 0
    private var isComplete = true

    init(_ request: MultiGetRequest) {
        let count = request.keys.count
        statuses = [UInt8](repeating: KeyStatus.failed.byte, count: count)
        values = [ByteBuffer](repeating: ByteBuffer(), count: count)
        versions = request.withVersions == true ? [Int64](repeating: 0, count: count) : nil
    }

    mutating func take(_ answer: MultiGetResponse, for positions: [Int]) {
        isComplete = isComplete && answer.complete
        for (index, position) in positions.enumerated() {
            let status = answer.status(at: index)
            statuses[position] = status.byte
            guard status == .found else { continue }
            let size = answer.values.byteCount(at: index)
            guard size <= Self.valueBytesMax - valueBytes else {
                statuses[position] = KeyStatus.tooLarge.byte
                isComplete = false
                continue
            }
            valueBytes += size
            values[position] = answer.values.buffer(at: index)
            versions?[position] = answer.versions?[index] ?? 0
        }
    }

    mutating func miss(_ positions: [Int], _ status: KeyStatus) {
        isComplete = false
        for position in positions { statuses[position] = status.byte }
    }

    func finish() -> MultiGetResponse {
        var list = BinaryList(in: ByteBufferAllocator().buffer(capacity: valueBytes), minimumCapacity: values.count)
        for value in values { list.append(value) }
        return MultiGetResponse(
            values: list, statuses: ByteBuffer(bytes: statuses), versions: versions, complete: isComplete)
    }
}
