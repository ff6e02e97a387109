//! Requests and answers as the service decodes them: what was decoded once is the same after encoding and decoding again.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI

struct StructOracle {
    private let format: RPCFormat
    private let budget = WireBudget(depth: 16, count: 1_000)

    init(_ format: RPCFormat) { self.format = format }

    /// - Parameter choice: which struct `message` is taken for.
    func check(_ message: ByteBuffer, choice: Int) throws {
        switch choice % 16 {
        case 0: try check(GetRequest.self, message)
        case 1: try check(PutRequest.self, message)
        case 2: try check(RemoveRequest.self, message)
        case 3: try check(MultiGetRequest.self, message)
        case 4: try check(MultiPutRequest.self, message)
        case 5: try check(MultiRemoveRequest.self, message)
        case 6: try check(IncrementRequest.self, message)
        case 7: try check(TouchRequest.self, message)
        case 8: try check(ScanRequest.self, message)
        case 9: try check(GetResponse.self, message)
        case 10: try check(PutResponse.self, message)
        case 11: try check(MultiGetResponse.self, message)
        case 12: try check(MultiPutResponse.self, message)
        case 13: try check(ScanResponse.self, message)
        case 14: try check(StorageError.self, message)
        default: try check(ApplicationException.self, message)
        }
    }

    private func check<Value: WireStruct & Equatable>(_ type: Value.Type, _ message: ByteBuffer) throws {
        let value: Value
        do throws(WireError) { value = try decode(type, message) } catch { return }
        let again: Value
        do throws(WireError) {
            again = try decode(type, encode(value))
        } catch {
            throw OracleFailure("\(value) cannot be read after it was written: \(error)")
        }
        guard again == value else { throw OracleFailure("\(value) was written and read as \(again)") }
    }

    private func decode<Value: WireStruct>(_ type: Value.Type, _ message: ByteBuffer) throws(WireError) -> Value {
        switch format {
        case .messagePack:
            var reader = MessagePackReader(message, budget: budget)
            return try Value(from: &reader)
        case .thriftBinary:
            var reader = ThriftBinaryReader(message, budget: budget)
            return try Value(from: &reader)
        case .thriftCompact:
            var reader = ThriftCompactReader(message, budget: budget)
            return try Value(from: &reader)
        }
    }

    func encode(_ value: some WireStruct) -> ByteBuffer {
        let bytes = ByteWriter(into: ByteBuffer())
        switch format {
        case .messagePack:
            var writer = MessagePackWriter(bytes)
            value.encode(to: &writer)
            return writer.finish().finish()
        case .thriftBinary:
            var writer = ThriftBinaryWriter(bytes)
            value.encode(to: &writer)
            return writer.finish().finish()
        case .thriftCompact:
            var writer = ThriftCompactWriter(bytes)
            value.encode(to: &writer)
            return writer.finish().finish()
        }
    }
}
