//! Needletail's calls by the project's own encoders and decoders: samples for the templates, and full decoding for the
//! checks. The measured part uses neither.

internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire
internal import StorageAPI

/// A sample request of `shape`, for `RequestTemplate`.
func sampleCall(_ wire: RPCWire, id: UInt32, _ shape: CallShape, _ keys: KeySpace) -> [UInt8] {
    let key = ByteBuffer(bytes: RequestTemplate.sampleKey(keys))
    func value() -> ByteBuffer { ByteBuffer(bytes: RequestTemplate.sampleValue(keys)) }
    let context = shape.timeoutMillis.map { RequestContext(timeoutMillis: $0) }
    let bytes =
        switch shape.operation {
        case .get:
            encodeCall(wire, id: id, StorageMethods.Get.self, .init(request: GetRequest(key: key, context: context)))
        case .multiGet:
            encodeCall(
                wire, id: id, StorageMethods.MultiGet.self,
                .init(
                    request: MultiGetRequest(
                        keys: BinaryList(repeatElement(key, count: shape.keysPerCall)), context: context)))
        case .put:
            encodeCall(
                wire, id: id, StorageMethods.Put.self,
                .init(request: PutRequest(key: key, value: value(), context: context)))
        case .remove:
            encodeCall(
                wire, id: id, StorageMethods.Remove.self, .init(request: RemoveRequest(key: key, context: context)))
        case .multiPut:
            encodeCall(
                wire, id: id, StorageMethods.MultiPut.self,
                .init(
                    request: MultiPutRequest(
                        entries: Array(repeating: Entry(key: key, value: value()), count: shape.keysPerCall),
                        context: context)))
        case .getDataByRange:
            encodeCall(
                wire, id: id, HistoryMethods.GetDataByRange.self,
                .init(
                    request: GetDataByRangeRequest(
                        owner: key, fromMillis: EventHistory.startMillis, toMillis: shape.history?.endMillis ?? 0,
                        context: context)))
        }
    return Array(bytes.readableBytesView)
}

/// An answer to a call of `shape`, decoded in full.
/// - Throws: where the answer is an error, or does not say of each key that it was read or stored.
func decodeCall(_ answer: [UInt8], _ format: RPCFormat, _ shape: CallShape) throws -> DecodedAnswer {
    let bytes = ByteBuffer(bytes: answer)
    switch shape.operation {
    case .get:
        let response = try decodeAnswer(bytes, format, StorageMethods.Get.self)
        return DecodedAnswer(values: [response.value.map { Array($0.readableBytesView) }])
    case .multiGet:
        let response = try decodeAnswer(bytes, format, StorageMethods.MultiGet.self)
        let statuses = Array(response.statuses.readableBytesView)
        guard statuses.count == response.values.count else {
            throw WrongAnswer("\(response.values.count) values came with \(statuses.count) statuses")
        }
        guard response.complete else { throw WrongAnswer("the answer is not complete: statuses \(Set(statuses))") }
        return DecodedAnswer(
            values: statuses.indices.map {
                statuses[$0] == KeyStatusByte.found ? Array(response.values.buffer(at: $0).readableBytesView) : nil
            })
    case .put:
        let response = try decodeAnswer(bytes, format, StorageMethods.Put.self)
        guard response.applied else { throw WrongAnswer("a put was not applied") }
        let reached = response.durability?.rawValue ?? 0
        if let persistence = shape.persistence, reached < Durability(persistence).rawValue {
            throw WrongAnswer("a put was to be \(persistence.title), and its answer says durability \(reached)")
        }
        return DecodedAnswer()
    case .remove:
        let response = try decodeAnswer(bytes, format, StorageMethods.Remove.self)
        guard response.removed || shape.mayMiss else { throw WrongAnswer("a key that was loaded was not removed") }
        return DecodedAnswer()
    case .multiPut:
        let response = try decodeAnswer(bytes, format, StorageMethods.MultiPut.self)
        let statuses = Array(response.statuses.readableBytesView)
        guard statuses.count == shape.keysPerCall, statuses.allSatisfy({ $0 == KeyStatusByte.stored }) else {
            throw WrongAnswer("not all of \(shape.keysPerCall) entries were stored: statuses \(Set(statuses))")
        }
        return DecodedAnswer()
    case .getDataByRange:
        let response = try decodeAnswer(bytes, format, HistoryMethods.GetDataByRange.self)
        guard response.complete else { throw WrongAnswer("periods are missing: \(response.missingPeriods ?? [])") }
        return DecodedAnswer(values: response.events.map { Array($0.data.readableBytesView) })
    }
}

extension Durability {
    fileprivate init(_ persistence: Persistence) {
        self =
            switch persistence {
            case .memory: .memory
            case .logged: .logged
            case .synced: .synced
            }
    }
}

/// The bytes of a key's status, as the contract numbers them.
enum KeyStatusByte {
    static let found: UInt8 = 1
    static let missing: UInt8 = 2
    static let stored: UInt8 = 7
}

extension AnswerScan {
    /// Counts the statuses of `range`, one byte for each key.
    @inline(__always)
    mutating func count(statuses bytes: Span<UInt8>, _ range: Range<Int>) {
        for offset in range {
            switch bytes[offset] {
            case KeyStatusByte.found, KeyStatusByte.stored: found &+= 1
            case KeyStatusByte.missing: missing &+= 1
            default: failed &+= 1
            }
        }
    }
}
