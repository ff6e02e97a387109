//! Writes of many keys. What one server did not do does not undo what others did: a part that failed is seen in the
//! statuses of its entries, or in an error that says so.

internal import NIOCore
public import NeedletailRPC
internal import NeedletailWire

extension ShardedStorageClient {
    /// Stores many values, each on the server that has its key; all servers are asked at the same time.
    ///
    /// The statuses are in the order of the request. Entries of a server that failed are FAILED, of one that was overloaded
    /// SHED, of one that has not answered by the deadline DEADLINE_EXCEEDED. SHED: not stored. The other two: stored or not,
    /// nobody here can tell. Storing an entry again does no harm, so repeat what is not STORED. `durability` is the lowest
    /// that a server has reached. Deadlines as for ``multiGet(_:options:)``.
    ///
    /// `atomic` holds on one server: if the entries lie on several, the call is UNSUPPORTED and nothing is done.
    /// - Throws: what is wrong with the request, before anything is sent; and where no server has answered, what one of them
    ///   threw, with `effect` for all of them.
    public func multiPut(
        _ request: MultiPutRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> MultiPutResponse {
        try Self.check(request.validate)
        let parts = KeySplit(request.entries, placement).parts
        if request.atomic == true, parts.count > 1 {
            throw .refused(.unsupported, "atomic over \(parts.count) servers: the entries must lie on one")
        }
        let outcomes: [Result<MultiPutResponse, CallFailure<StorageError>>] = try await gather(
            parts, stopsAtFailure: false
        ) { (part) async throws(CallFailure<StorageError>) in
            try await multiPut(request, part, options)
        }
        var statuses = [UInt8](repeating: KeyStatus.failed.byte, count: request.entries.count)
        var durability = LowestDurability()
        let answers = try succeeded(parts, outcomes) { part, failure in
            for position in part.positions { statuses[position] = failure.status.byte }
        }
        for (part, answer) in answers {
            durability.take(answer.durability)
            for (index, position) in part.positions.enumerated() { statuses[position] = answer.status(at: index).byte }
        }
        return MultiPutResponse(statuses: ByteBuffer(bytes: statuses), durability: durability.value)
    }

    private func multiPut(
        _ request: MultiPutRequest, _ part: KeySplit.Part, _ options: CallOptions?
    ) async throws(CallFailure<StorageError>) -> MultiPutResponse {
        let call = call(of: part, request.context, options)
        var own = request
        if part.positions.count < request.entries.count { own.entries = part.positions.map { request.entries[$0] } }
        let answer = try await call.server.multiPut(own, options: call.options)
        guard answer.statuses.readableBytes == part.positions.count else {
            throw .call(.undecodable(.badMessage("an answer that is not for \(part.positions.count) entries")))
        }
        return answer
    }

    /// Removes many keys, each from the server that has it; all servers are asked at the same time. Answers how many there
    /// were, and the lowest durability of the servers that had some. Deadlines as for ``multiGet(_:options:)``.
    /// - Throws: what is wrong with the request, before anything is sent; and where a server failed. If others did not, that
    ///   is a `StorageError` whose message names the servers and what the others have removed, with UNKNOWN: removing again
    ///   does no harm.
    public func multiRemove(
        _ request: MultiRemoveRequest, options: CallOptions? = nil
    ) async throws(CallFailure<StorageError>) -> MultiRemoveResponse {
        try Self.check(request.validate)
        let parts = KeySplit(request.keys, placement).parts
        let outcomes: [Result<MultiRemoveResponse, CallFailure<StorageError>>] = try await gather(
            parts, stopsAtFailure: false
        ) { (part) async throws(CallFailure<StorageError>) in
            let call = call(of: part, request.context, options)
            var own = request
            if part.positions.count < request.keys.count { own.keys = request.keys.selecting(part.positions) }
            return try await call.server.multiRemove(own, options: call.options)
        }
        var failures: [(server: Int, failure: CallFailure<StorageError>)] = []
        var removed: Int32 = 0
        var durability = LowestDurability()
        let answers = try succeeded(parts, outcomes) { failures.append(($0.server, $1)) }
        for (_, answer) in answers {
            removed &+= answer.removed
            // Where nothing was removed there is nothing to keep.
            if answer.removed > 0 { durability.take(answer.durability) }
        }
        if let failure = CallFailure.partial(failures, "the others have removed \(removed)") { throw failure }
        return MultiRemoveResponse(removed: removed, durability: durability.value)
    }

    /// The parts that have an answer; the others are told to `failed`.
    /// - Throws: if there are only others; that the task was cancelled.
    private func succeeded<Answer>(
        _ parts: [KeySplit.Part], _ outcomes: [Result<Answer, CallFailure<StorageError>>],
        failed: (KeySplit.Part, CallFailure<StorageError>) -> Void
    ) throws(CallFailure<StorageError>) -> [(KeySplit.Part, Answer)] {
        var answers: [(KeySplit.Part, Answer)] = []
        var failures: [(part: KeySplit.Part, failure: CallFailure<StorageError>)] = []
        for (part, outcome) in zip(parts, outcomes) {
            switch outcome {
            case .success(let answer): answers.append((part, answer))
            case .failure(let failure): failures.append((part, failure))
            }
        }
        if answers.isEmpty, let gravest = CallFailure.gravest(of: failures.map(\.failure)) { throw gravest }
        if failures.contains(where: { $0.failure.isCancellation }) { throw .call(.cancelled(.unknown)) }
        for (part, failure) in failures {
            partFailed?(part.server, failure)
            failed(part, failure)
        }
        return answers
    }
}

/// The lowest of the levels that several writes have reached.
private struct LowestDurability {
    private var isAbsent = false
    private var lowest: Durability?

    /// nil where one of the writes names none.
    var value: Durability? { isAbsent ? nil : lowest }

    mutating func take(_ durability: Durability?) {
        guard let durability else { return isAbsent = true }
        if durability.rawValue < lowest?.rawValue ?? .max { lowest = durability }
    }
}
