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
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout MessagePackReader,
        _ writer: inout MessagePackWriter
    ) throws(CallRefusal) { try dispatch(head, arrival, .messagePack, &reader, &writer) }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout ThriftBinaryReader,
        _ writer: inout ThriftBinaryWriter
    ) throws(CallRefusal) { try dispatch(head, arrival, .thriftBinary, &reader, &writer) }

    @specialized(where Engine == MemoryEngine)
    @_lifetime(reader: copy reader)
    package func call(
        _ head: borrowing CallHead, _ arrival: Arrival, _ reader: inout ThriftCompactReader,
        _ writer: inout ThriftCompactWriter
    ) throws(CallRefusal) { try dispatch(head, arrival, .thriftCompact, &reader, &writer) }

    package func refused(_ refusal: CallRefusal, _ format: RPCFormat) {
        counters.add(to: ServiceCounters.refused(format))
    }

    /// The engine's share of housekeeping that falls to this loop.
    /// - Returns: false if there is more to do than one slice.
    package func maintain(worker: Int, of workers: Int) -> Bool {
        engine.maintain(worker: worker, of: workers, now: clock.wallNow(), session: session)
    }

    // MARK: Dispatch

    @_lifetime(reader: copy reader)
    private func dispatch<Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable>(
        _ head: borrowing CallHead, _ arrival: Arrival, _ format: RPCFormat, _ reader: inout Reader,
        _ writer: inout Writer
    ) throws(CallRefusal) {
        guard head.service.byteCount == 0 || head.service.equals("Storage"), let method = StorageMethod(head.method)
        else {
            let service = head.service.byteCount == 0 ? "" : "\(head.service.printable):"
            throw .unknownMethod(service + head.method.printable)
        }
        let start = writer.mark
        let failure: StorageError?
        switch method {
        case .ping: failure = try ping(head, &reader, &writer)
        case .get: failure = try get(head, arrival, &reader, &writer)
        case .multiGet: failure = try multiGet(head, arrival, &reader, &writer)
        case .put:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.put(request, arrival)
            }
        case .remove:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.remove(request, arrival)
            }
        case .multiPut:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.multiPut(request, arrival)
            }
        case .multiRemove:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.multiRemove(request, arrival)
            }
        case .increment:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.increment(request, arrival)
            }
        case .touch:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.touch(request, arrival)
            }
        case .scan:
            failure = try answer(head, &reader, &writer) { request throws(StorageError) in
                try self.scan(request, arrival)
            }
        }
        if let failure {
            writer.rewind(to: start)
            writer.beginError(head)
            failure.encode(to: &writer)
            writer.endError()
        }
        counters.add(to: ServiceCounters.requests(method, format, failure?.code))
    }

    /// A method whose answer is a struct: decode, execute, encode. Returns what the method failed with.
    @_lifetime(reader: copy reader)
    private func answer<
        Reader: MessageReader & ~Copyable & ~Escapable, Writer: MessageWriter & ~Copyable,
        Request: WireStruct, Response: WireStruct
    >(
        _ head: borrowing CallHead, _ reader: inout Reader, _ writer: inout Writer,
        _ method: (Request) throws(StorageError) -> Response
    ) throws(CallRefusal) -> StorageError? {
        let decoded = try decode(Request.self, &reader)
        do throws(StorageError) {
            let response = try method(try decoded.get())
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
    ) throws(CallRefusal) -> Result<Request, StorageError> {
        let start = reader.offset
        do throws(WireError) {
            do throws(WireError) {
                return .success(try reader.readRequest(type))
            } catch {
                guard case .countOverLimit(let count, let limit) = error else { throw error }
                reader.restart(at: start)
                try reader.skipArguments()
                return .failure(
                    .invalidArgument("\(count) elements in one list, limits.maxKeysPerRequest is \(limit)"))
            }
        } catch {
            throw .undecodable(error)
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
