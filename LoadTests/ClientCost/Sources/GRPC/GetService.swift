//! The gRPC service that is called: bytes in, bytes out, without Protocol Buffers, so that no codec takes part.

internal import GRPCCore

struct GetService: RegistrableRPCService {
    static let get = MethodDescriptor(fullyQualifiedService: "client.cost.Storage", method: "Get")

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        let value = Entry.value
        router.registerHandler(
            forMethod: Self.get, deserializer: BytesDeserializer(), serializer: BytesSerializer()
        ) { request, _ in
            _ = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: value))
        }
    }
}

/// Bytes as they are.
struct BytesSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: [UInt8]) throws -> Bytes { Bytes(message) }
}

/// Bytes as they are.
struct BytesDeserializer: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ message: Bytes) throws -> [UInt8] {
        unsafe message.withUnsafeBytes { unsafe [UInt8]($0) }
    }
}
