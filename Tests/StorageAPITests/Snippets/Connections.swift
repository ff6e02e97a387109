//! The code of `Client.md`, between `// snippet` and `// end`: `SnippetTests` runs it, `PageTests` compares.

import Logging
import NIOCore
import NeedletailRPC
import StorageAPI

enum Connections {
    static func configured(_ target: RPCTarget) async throws -> String {
        // snippet
        var configuration = RPCClientConfiguration(
            wire: RPCWire(.thriftBinary, .ttheader), metadata: CallMetadata(fromService: "orders"))
        configuration.callTimeout = .milliseconds(500)
        configuration.connectionsMax = 4
        let storage = StorageClient(RPCClient(to: target, configuration))
        // end
        let answer = try await storage.ping()
        await storage.rpc.close()
        return answer
    }

    static func intercepted(_ target: RPCTarget) async throws -> String {
        // snippet
        let interceptors: [any ClientInterceptor] = [
            LoggingInterceptor(Logger(label: "storage"), slowerThan: .milliseconds(100)), MetricsInterceptor(),
            RetryInterceptor(), Tracing(),
        ]
        let storage = StorageClient(RPCClient(to: target, RPCClientConfiguration(interceptors: interceptors)))
        // end
        let answer = try await storage.ping()
        await storage.rpc.close()
        return answer
    }
}

// snippet
/// Sends the id of the user's request with every call.
struct Tracing: ClientInterceptor {
    @TaskLocal static var logID: String?

    func intercept<Method: RPCMethod>(
        _ call: OutgoingCall<Method>,
        next: (OutgoingCall<Method>) async throws(CallFailure<Method.Failure>) -> Method.Result
    ) async throws(CallFailure<Method.Failure>) -> Method.Result {
        var call = call
        call.metadata.logID = call.metadata.logID ?? Self.logID
        return try await next(call)
    }
}
// end
