//! The calls of a soak, by the project's own encoders and decoders.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI

/// What a put may depend on.
enum SoakCondition: Hashable, Sendable {
    case none
    case ifAbsent
    /// The version that the entry has, as far as we know.
    case ifVersion(Int64)
    /// A version that the entry has no more.
    case ifOldVersion(Int64)
}

/// What a call does, as tables name it.
enum SoakOperation: String, Codable, CaseIterable, Hashable, Sendable {
    case get
    case multiGet
    case put
    case expiringPut = "put with a time to live"
    case conditionalPut = "put on a condition"
    case remove
    case increment
}

enum SoakCall: Sendable {
    case get(SoakModel.ReadStart)
    case multiGet([SoakModel.ReadStart], withVersions: Bool)
    case put(SoakModel.Write, ttlMillis: Int64?, SoakCondition)
    case remove(SoakModel.Write)
    /// - Parameter from: what the counter is at, or begins at.
    case increment(SoakModel.Write, from: UInt32)

    var operation: SoakOperation {
        switch self {
        case .get: .get
        case .multiGet: .multiGet
        case .put(_, _, let condition) where condition != .none: .conditionalPut
        case .put(_, let ttl, _): ttl == nil ? .put : .expiringPut
        case .remove: .remove
        case .increment: .increment
        }
    }

    /// The write that this is; nil: a read.
    var write: SoakModel.Write? {
        switch self {
        case .get, .multiGet: nil
        case .put(let write, _, _), .remove(let write), .increment(let write, _): write
        }
    }

    /// The bytes to send.
    func encoded(_ wire: RPCWire, id: UInt32, _ content: SoakContent) -> ByteBuffer {
        switch self {
        case .get(let start):
            return encodeCall(
                wire, id: id, StorageMethods.Get.self, .init(request: GetRequest(key: content.key(start.entry))))
        case .multiGet(let starts, let withVersions):
            let keys = BinaryList(starts.map { content.key($0.entry) })
            return encodeCall(
                wire, id: id, StorageMethods.MultiGet.self,
                .init(request: MultiGetRequest(keys: keys, withVersions: withVersions)))
        case .put(let write, let ttlMillis, let condition):
            var request = PutRequest(
                key: content.key(write.entry), value: content.blob(write.entry, write.number), ttlMillis: ttlMillis)
            switch condition {
            case .none: break
            case .ifAbsent: request.condition = .ifAbsent
            case .ifVersion(let version), .ifOldVersion(let version): request.ifVersion = version
            }
            return encodeCall(wire, id: id, StorageMethods.Put.self, .init(request: request))
        case .remove(let write):
            return encodeCall(
                wire, id: id, StorageMethods.Remove.self, .init(request: RemoveRequest(key: content.key(write.entry))))
        case .increment(let write, let from):
            let request = IncrementRequest(
                key: content.key(write.entry), delta: Int64(write.number) - Int64(from),
                initial: content.count(write.entry, from))
            return encodeCall(wire, id: id, StorageMethods.Increment.self, .init(request: request))
        }
    }

    /// Reads an answer and holds it against the model, which then knows what it says.
    /// - Parameter message: the whole answer, without a frame.
    /// - Throws: `SoakFault` where the answer cannot be right, `SoakRefusal` where it is an error.
    func judge(
        _ message: ByteBuffer, _ format: RPCFormat, _ model: inout SoakModel, at now: SoakTime
    ) throws -> SoakOutcome {
        switch self {
        case .get(let start):
            let answer = try decode(message, format, StorageMethods.Get.self)
            var outcome = SoakOutcome()
            try outcome.note(start, answer.value, answer.version, &model, at: now)
            return outcome
        case .multiGet(let starts, _):
            return try judge(starts, try decode(message, format, StorageMethods.MultiGet.self), &model, at: now)
        case .put(let write, _, let condition):
            let answer = try decode(message, format, StorageMethods.Put.self)
            return try judge(write, condition, answer, &model, at: now)
        case .remove(let write):
            let answer = try decode(message, format, StorageMethods.Remove.self)
            let wasThere = model.wasThere(write, until: now)
            let wasMissing = model.wasMissing(write)
            try model.endDone(write, version: nil, at: now)
            guard answer.removed ? !wasMissing : !wasThere else {
                throw SoakFault(kind: .outcome, detail: "entry \(write.entry): removed is \(answer.removed)")
            }
            return SoakOutcome(hits: answer.removed ? 1 : 0, misses: answer.removed ? 0 : 1)
        case .increment(let write, let from):
            let answer = try decode(message, format, StorageMethods.Increment.self)
            try model.endDone(write, version: answer.version, at: now)
            guard answer.value == model.content.count(write.entry, write.number) else {
                throw SoakFault(
                    kind: .outcome,
                    detail: "counter \(write.entry) is \(answer.value) after write \(write.number) from \(from)")
            }
            return SoakOutcome(hits: 1)
        }
    }

    private func judge(
        _ starts: [SoakModel.ReadStart], _ answer: MultiGetResponse, _ model: inout SoakModel, at now: SoakTime
    ) throws -> SoakOutcome {
        let statuses = Array(answer.statuses.readableBytesView)
        guard statuses.count == starts.count, answer.values.count == starts.count,
            answer.versions.map({ $0.count == starts.count }) ?? true
        else {
            throw SoakFault(
                kind: .malformed, detail: "\(statuses.count) statuses, \(answer.values.count) values of \(starts.count)"
            )
        }
        var outcome = SoakOutcome()
        for (position, start) in starts.enumerated() {
            switch statuses[position] {
            case KeyStatusByte.found:
                try outcome.note(
                    start, answer.values.buffer(at: position), answer.versions?[position], &model, at: now)
            case KeyStatusByte.missing: try outcome.note(start, nil, nil, &model, at: now)
            case let status: throw SoakRefusal(kind: "key status \(status)", effect: .notExecuted)
            }
        }
        return outcome
    }

    private func judge(
        _ write: SoakModel.Write, _ condition: SoakCondition, _ answer: PutResponse, _ model: inout SoakModel,
        at now: SoakTime
    ) throws -> SoakOutcome {
        let wasThere = model.wasThere(write, until: now)
        let wasMissing = model.wasMissing(write)
        let isPossible =
            switch condition {
            case .none: answer.applied
            case .ifAbsent: answer.applied ? !wasThere : !wasMissing
            case .ifVersion: answer.applied ? !wasMissing : !wasThere
            case .ifOldVersion: !answer.applied
            }
        if answer.applied {
            try model.endDone(write, version: answer.version, at: now)
        } else {
            model.endRefused(write)
        }
        guard isPossible else {
            throw SoakFault(
                kind: .outcome, detail: "entry \(write.entry): a put \(condition) has applied \(answer.applied)")
        }
        return SoakOutcome(hits: answer.applied ? 1 : 0, misses: answer.applied ? 0 : 1)
    }

    private func decode<Method: RPCMethod>(
        _ message: ByteBuffer, _ format: RPCFormat, _ method: Method.Type
    ) throws -> Method.Result where Method.Failure == StorageError {
        do throws(CallFailure<StorageError>) {
            return try decodeAnswer(message, format, method)
        } catch {
            switch error {
            case .exception(let refusal):
                throw SoakRefusal(kind: "\(refusal.code)", effect: refusal.effect)
            case .call(.refused(let exception)):
                throw SoakRefusal(kind: "exception: \(exception.message)", effect: .unknown)
            case .call(let failure): throw SoakFault(kind: .malformed, detail: "\(failure)")
            }
        }
    }
}

/// A call that was answered with an error.
struct SoakRefusal: Error {
    /// As the report counts it.
    let kind: String
    let effect: Effect
}

/// What became of the keys of a call that was answered as it should be: found or applied, or not.
struct SoakOutcome: Hashable, Sendable {
    var hits = 0
    var misses = 0

    fileprivate mutating func note(
        _ start: SoakModel.ReadStart, _ value: ByteBuffer?, _ version: Int64?, _ model: inout SoakModel,
        at now: SoakTime
    ) throws(SoakFault) {
        if let value {
            try model.endRead(start, found: value, version: version, at: now)
            hits += 1
        } else {
            try model.endRead(missing: start, at: now)
            misses += 1
        }
    }
}
