import Greeter
import NeedletailRPC

let connection = try await RPCClient.connect(to: .tcp(host: "127.0.0.1", port: 7500))
let greeter = GreeterClient(connection)
for name in CommandLine.arguments.dropFirst() {
    do {
        print(try await greeter.greet(GreetRequest(name: name)).text)
    } catch .exception(let exception) {
        print("\(exception.name) is not welcome")
    } catch .call(let error) {
        print("no answer: \(error)")
    }
}
await connection.close()
