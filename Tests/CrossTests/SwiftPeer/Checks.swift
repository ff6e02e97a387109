//! How the client's checks are made and told of; the checks themselves lie in the other files of this name.

internal import NIOPosix
internal import NeedletailRPC

struct Checks: Sendable {
    /// What did not hold.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    let target: RPCTarget
    let wire: RPCWire
    /// What the server says that it has.
    let serverHas: Set<String>
    var failures = 0

    init(_ target: RPCTarget, _ wire: RPCWire, serverHas: Set<String>) {
        self.target = target
        self.wire = wire
        self.serverHas = serverHas
    }

    var isMessagePack: Bool { wire.format == .messagePack }

    mutating func makeAll() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let connection = try await RPCClient.connect(to: target, RPCClientConfiguration(wire: wire), on: group)
        let client = IdentifiersClient(connection)
        let later = LaterClient(connection)
        await checkValues(client)
        await checkContainers(client)
        await checkStructs(client)
        await checkConstants(client)
        await checkMethods(client)
        await checkVersions(later)
        if serverHas.contains("uuid") { await checkIdentifiers(client) }
        await connection.close()

        guard serverHas.contains("required") else { return }
        // Apache's servers close the connection here.
        let another = try await RPCClient.connect(to: target, RPCClientConfiguration(wire: wire), on: group)
        await check("required-missing") {
            try await fails { () async throws(CallFailure<Never>) in
                _ = try await LaterClient(another).echoRequiredness(Loose())
            }
        }
        await another.close()
    }

    /// Makes a check and prints one line about it.
    mutating func check(_ name: String, _ body: () async throws -> Void) async {
        do {
            try await body()
            print("ok \(name)")
        } catch {
            failures += 1
            let reason = "\(error)".split(whereSeparator: \.isNewline).joined(separator: " ")
            print("FAIL \(name) \(reason.prefix(1_000))")
        }
    }
}

func expect(_ holds: Bool, _ what: @autoclosure () -> String) throws(Checks.Failed) {
    if !holds { throw Checks.Failed(description: what()) }
}

func same<Value: Equatable>(_ got: Value, _ expected: Value) throws(Checks.Failed) {
    try expect(got == expected, "got \("\(got)".prefix(300)), not \("\(expected)".prefix(300))")
}

/// Sends each value through `method`, which must give it back.
func echo<Value: Equatable>(_ values: [Value], _ method: (Value) async throws -> Value) async throws {
    for value in values { try same(try await method(value), value) }
}

/// Calls what must throw `expected`.
func throwing<Exception: Error & Equatable>(
    _ expected: Exception, _ call: () async throws(CallFailure<Exception>) -> Void
) async throws {
    do {
        try await call()
    } catch {
        return try same(error, .exception(expected))
    }
    throw Checks.Failed(description: "the call did not fail")
}

/// Calls what must fail with nothing that its method declares.
/// - Returns: what the server answered in its place.
@discardableResult
func fails<Exception>(_ call: () async throws(CallFailure<Exception>) -> Void) async throws -> RPCClientError {
    do {
        try await call()
    } catch {
        guard case .call(let reason) = error else { throw error }
        return reason
    }
    throw Checks.Failed(description: "the call did not fail")
}
