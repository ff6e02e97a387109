//! Service `Storage` over an engine: reads requests, checks them, asks the engine, writes answers. One instance per event
//! loop, used on that loop only; everything here is synchronous.
//!
//! `dispatch` is generic over the format; its three instances are made here, where the formats are known.

internal import MemoryEngine
package import NeedletailRPC
package import NeedletailTelemetry
package import NeedletailWire
internal import StorageAPI
package import StorageEngine
package import Timing

package final class StorageService<Engine: StorageEngine>: RPCService {
    let engine: Engine
    let session: Engine.Session
    let limits: ServiceLimits
    let durability: EngineDurability
    let clock: Clock
    let counters: CounterBlock
    /// Scratch of multiGet, kept so that a call allocates nothing for it.
    var statusScratch: [UInt8] = []
    var versionScratch: [Int64] = []

    /// - Parameter counters: a block of `ServiceCounters.count`, this loop's own.
    package init(engine: Engine, limits: ServiceLimits, clock: Clock, counters: CounterBlock) {
        self.engine = engine
        session = engine.makeSession()
        self.limits = limits
        durability = limits.durability ?? engine.capabilities.bestDurability
        self.clock = clock
        self.counters = counters
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) -> Int { try dispatch(head, times, .messagePack, &reader, &writer) }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) -> Int { try dispatch(head, times, .thriftBinary, &reader, &writer) }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ times: CallTimes, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) -> Int { try dispatch(head, times, .thriftCompact, &reader, &writer) }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout MessagePackReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftBinaryReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func anticipate(_ head: borrowing CallHead, _ reader: inout ThriftCompactReader) throws(WireError) -> Bool {
        try anticipateKey(head, &reader)
    }

    @_lifetime(reader: copy reader)
    private func anticipateKey<Reader: MessageReader & ~Copyable & ~Escapable>(
        _ head: borrowing CallHead, _ reader: inout Reader
    ) throws(WireError) -> Bool {
        guard let method = StorageMethod(head.method), method.hasOneKey else { return false }
        let request = try reader.readRequest(KeyedRequest.self)
        engine.anticipate(reader.bytes(in: request.key), session: session)
        return true
    }

    package func finishAnticipating() { engine.finishAnticipating(session: session) }

    package func refused(_ refusal: CallRefusal, _ format: RPCFormat) {
        counters.add(to: ServiceCounters.refused(format))
    }

    /// The engine's share of housekeeping that falls to this loop.
    /// - Returns: false if there is more to do than one slice.
    package func maintain(worker: Int, of workers: Int) -> Bool {
        engine.maintain(worker: worker, of: workers, now: clock.wallNow(), session: session)
    }

    package static var methodNames: [String] { StorageMethod.allCases.map { "\($0.name)" } }

    // MARK: Dispatch

    @_lifetime(reader: copy reader)
    private func dispatch<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ times: CallTimes, _ format: RPCFormat, _ reader: inout Reader,
        _ writer: inout Writer
    ) throws(CallRefusal) -> Int {
        guard head.service.byteCount == 0 || head.service.equals("Storage"), let method = StorageMethod(head.method)
        else {
            let service = head.service.byteCount == 0 ? "" : "\(head.service.printable):"
            throw .unknownMethod(service + head.method.printable)
        }
        let start = writer.mark
        let failure: StorageError?
        switch method {
        case .ping: failure = try ping(head, &reader, &writer)
        case .get: failure = try get(head, times, &reader, &writer)
        case .multiGet: failure = try multiGet(head, times, &reader, &writer)
        case .put:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.put(request, times)
            }
        case .remove:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.remove(request, times)
            }
        case .multiPut:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.multiPut(request, times)
            }
        case .multiRemove:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.multiRemove(request, times)
            }
        case .increment:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.increment(request, times)
            }
        case .touch:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.touch(request, times)
            }
        case .scan:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.scan(request, times)
            }
        }
        if let failure {
            writer.rewind(to: start)
            writer.beginError(head)
            failure.encode(to: &writer)
            writer.endError()
        }
        counters.add(to: ServiceCounters.requests(method, format, failure?.code))
        return method.rawValue
    }

    /// A method whose answer is a struct: decode, execute, encode. Returns what the method failed with.
    @_lifetime(reader: copy reader)
    private func answer<
        Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable,
        Request: WireStruct, Response: WireStruct
    >(
        _ head: borrowing CallHead, _ reader: inout Reader, _ writer: inout Writer,
        _ method: (borrowing Request) throws(StorageError) -> Response
    ) throws(CallRefusal) -> StorageError? {
        let request: Request
        do throws(DecodeFailure) { request = try decode(Request.self, &reader) } catch { return try error.answer() }
        do throws(StorageError) {
            let response = try method(request)
            writer.beginResult(head, .structure, keys: reader.answerKeys)
            response.encode(to: &writer)
            writer.endResult()
            return nil
        } catch {
            return error
        }
    }

    /// The request. More elements than a request may have are the method's error; other bytes that do not decode refuse
    /// the call.
    @_lifetime(reader: copy reader)
    func decode<Reader: MessageReader & ~Copyable & ~Escapable, Request: WireStruct>(
        _ type: Request.Type, _ reader: inout Reader
    ) throws(DecodeFailure) -> Request {
        let start = reader.offset
        do throws(WireError) {
            return try reader.readRequest(type)
        } catch {
            guard case .countOverLimit(let count, let limit) = error else { throw .refused(.undecodable(error)) }
            reader.restart(at: start)
            do throws(WireError) { try reader.skipArguments() } catch { throw .refused(.undecodable(error)) }
            throw .failed(.invalidArgument("\(count) elements in one list, limits.maxKeysPerRequest is \(limit)"))
        }
    }

    @_lifetime(reader: copy reader)
    private func ping<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ reader: inout Reader, _ writer: inout Writer
    ) throws(CallRefusal) -> StorageError? {
        do throws(WireError) {
            try reader.skipArguments()
        } catch {
            throw .undecodable(error)
        }
        writer.beginResult(head, .binary, keys: reader.answerKeys)
        writer.write("pong")
        writer.endResult()
        return nil
    }
}

/// Why a request was not decoded.
enum DecodeFailure: Error {
    /// The call does not reach its method.
    case refused(CallRefusal)
    /// The method answers so.
    case failed(StorageError)

    /// What the method answers, if it is reached.
    func answer() throws(CallRefusal) -> StorageError {
        switch self {
        case .refused(let refusal): throw refusal
        case .failed(let error): return error
        }
    }
}
