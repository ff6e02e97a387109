import Greeter
import NeedletailRPC
import UnixSignals

// Before anything is served, so that no signal is missed.
let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)

let implementation = GreeterImplementation()
let server = try await RPCServer.start(RPCServerConfiguration(port: 7500)) { _, eventLoop in
    GreeterAsyncService(implementation, on: eventLoop)
}
print("serving Greeter on 127.0.0.1:\(server.port)")

for await _ in signals { break }
await server.shutDown(within: .seconds(10))
