import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI
import Synchronization
import Testing

@Suite struct MultiGetTests {
    /// Long enough for a busy machine where a test waits for an answer that comes at once.
    private static let generous = CallOptions(timeout: .seconds(30))
    /// Where a test waits for the time to run out.
    private static let short = CallOptions(timeout: .seconds(5))

    private func request(_ keys: [String], _ policy: ReadPolicy? = nil, withVersions: Bool? = nil) -> MultiGetRequest {
        MultiGetRequest(keys: BinaryList(strings: keys), policy: policy, withVersions: withVersions)
    }

    @Test(arguments: [1, 2, 3, 5]) func answersComeInTheOrderOfTheRequest(serverCount: Int) async throws {
        try await TestServer.withSharded(Array(repeating: .working, count: serverCount)) { (client) async throws in
            let keys = (0..<500).map { "key:\($0)" }
            for key in keys where !key.hasSuffix("7") {
                let put = PutRequest(key: ByteBuffer(string: key), value: ByteBuffer(string: "value of \(key)"))
                #expect(try await client.put(put).applied)
            }
            let asked = keys.shuffled() + keys.prefix(10)
            for policy: ReadPolicy? in [nil, .cancel, .wait] {
                let answer = try await client.multiGet(request(asked, policy, withVersions: true))
                #expect(answer.complete)
                #expect(answer.texts == asked.map { $0.hasSuffix("7") ? nil : "value of \($0)" })
                #expect(answer.allStatuses == asked.map { $0.hasSuffix("7") ? .missing : .found })
                let versions = try #require(answer.versions)
                #expect(versions.count == asked.count)
                #expect(zip(asked, versions).allSatisfy { $0.hasSuffix("7") == ($1 == 0) })
            }
            #expect(try await client.multiGet(request(asked)).versions == nil)
        }
    }

    @Test func eachServerIsSentOneMessageAndOneWithoutAKeyNone() async throws {
        let scripts = (0..<3).map { _ in ScriptedStorage(.works) }
        try await TestServer.withSharded(scripts.map { .scripted($0) }) { (client) async throws in
            let keys = (0..<100).map { "key\($0)" }.filter { client.placement.server(of: ByteBuffer(string: $0)) != 1 }
            let answer = try await client.multiGet(request(keys), options: Self.generous)
            #expect(answer.texts == keys)
            #expect(scripts.map(\.asked.count) == [1, 0, 1])
            #expect(scripts[0].asked[0].keys.count + scripts[2].asked[0].keys.count == keys.count)
        }
    }

    @Test func withoutAKeyNobodyIsAsked() async throws {
        try await TestServer.withSharded([.gone, .gone]) { (client) async throws in
            let answer = try await client.multiGet(request([], withVersions: true))
            #expect(answer.complete && answer.values.isEmpty && answer.versions == [])
        }
    }

    @Test func serversAreToldLessTimeThanTheCallHas() async throws {
        let scripts = (0..<2).map { _ in ScriptedStorage(.works) }
        try await TestServer.withSharded(scripts.map { .scripted($0) }) { (client) async throws in
            var asked = request((0..<20).map { "key\($0)" })
            asked.context = RequestContext(logID: "7", timeoutMillis: 30_000)
            _ = try await client.multiGet(asked)
            for script in scripts {
                let context = try #require(script.asked.first?.context)
                #expect(context.logID == "7")
                let millis = try #require(context.timeoutMillis)
                // Ten are kept for the whole, and twenty for the way of the answer; a busy machine takes some itself.
                #expect((25_000...29_970).contains(millis))
            }
        }
    }

    @Test func atTheDeadlineThereIsWhatThereIs() async throws {
        let told = Mutex<[Int]>([])
        try await TestServer.withSharded(
            [.working, .silent, .gone],
            partFailed: { server, _ in told.withLock { $0.append(server) } }
        ) { (client) async throws in
            let keys = (0..<3).map { client.placement.keys(of: $0, count: 2) }
            try await client.put(key: keys[0][0], "there")
            let asked = [keys[1][0], keys[0][0], keys[2][0], keys[0][1], keys[2][1], keys[1][1]]
            let answer = try await client.multiGet(request(asked, withVersions: true), options: Self.short)
            #expect(
                answer.allStatuses == [.deadlineExceeded, .found, .failed, .missing, .failed, .deadlineExceeded])
            #expect(answer.texts == [nil, "there", nil, nil, nil, nil])
            #expect(answer.versions?.map { $0 > 0 } == [false, true, false, false, false, false])
            #expect(!answer.complete)
            #expect(told.withLock { $0 } == [1, 2])
        }
    }

    @Test(arguments: [TestServer.silent, .gone]) func oneServerAloneIsNoExceptionToThat(server: TestServer) async throws
    {
        try await TestServer.withSharded([server]) { (client) async throws in
            let isSilent = if case .silent = server { true } else { false }
            let answer = try await client.multiGet(
                request(["a", "b"], .cancel), options: isSilent ? Self.short : Self.generous)
            #expect(answer.allStatuses == Array(repeating: isSilent ? .deadlineExceeded : .failed, count: 2))
            #expect(!answer.complete)
        }
    }

    @Test func waitingThrowsIfOneServerDoesNotAnswer() async throws {
        try await TestServer.withSharded([.working, .silent]) { (client) async throws in
            let keys = (0..<2).flatMap { client.placement.keys(of: $0, count: 1) }
            await #expect(throws: CallFailure<StorageError>.call(.timedOut(.read, .unknown))) {
                try await client.multiGet(request(keys, .wait), options: Self.short)
            }
        }
    }

    @Test func waitingEndsWithTheFirstFailureAndNotWithTheDeadline() async throws {
        let overloaded = ScriptedStorage(.throwing(.overloaded, .notExecuted))
        try await TestServer.withSharded([.scripted(overloaded), .silent]) { (client) async throws in
            let keys = (0..<2).flatMap { client.placement.keys(of: $0, count: 1) }
            await #expect {
                try await client.multiGet(request(keys, .wait), options: Self.generous)
            } throws: { ($0 as? CallFailure<StorageError>)?.retryAfter == .milliseconds(7) }
        }
    }

    @Test(arguments: [
        (ErrorCode.overloaded, KeyStatus.shed), (.deadlineExceeded, .deadlineExceeded), (.unavailable, .failed),
        (.internal, .failed), (.unauthenticated, .failed),
    ])
    func aServersErrorIsTheStatusOfItsKeys(code: ErrorCode, status: KeyStatus) async throws {
        let failing = ScriptedStorage(.throwing(code, .notExecuted))
        try await TestServer.withSharded([.scripted(failing), .working]) { (client) async throws in
            let keys = (0..<2).map { client.placement.keys(of: $0, count: 1)[0] }
            let answer = try await client.multiGet(request(keys), options: Self.generous)
            #expect(answer.allStatuses == [status, .missing])
            #expect(!answer.complete)
        }
    }

    @Test(arguments: [ErrorCode.invalidArgument, .unsupported])
    func whatIsWrongWithTheCallIsThrown(code: ErrorCode) async throws {
        let refusing = ScriptedStorage(.throwing(code, .notExecuted))
        try await TestServer.withSharded([.scripted(refusing), .working]) { (client) async throws in
            let keys = (0..<2).map { client.placement.keys(of: $0, count: 1)[0] }
            await #expect {
                try await client.multiGet(request(keys), options: Self.generous)
            } throws: {
                guard case .exception(let error) = $0 as? CallFailure<StorageError> else { return false }
                return error.code == code
            }
        }
    }

    @Test func aBadKeyRefusesTheCallBeforeAnyServerHasSeenIt() async throws {
        let scripts = (0..<2).map { _ in ScriptedStorage(.works) }
        try await TestServer.withSharded(scripts.map { .scripted($0) }) { (client) async throws in
            for bad in ["", String(repeating: "x", count: 4_097)] {
                await #expect {
                    try await client.multiGet(request((0..<9).map { "key\($0)" } + [bad]))
                } throws: {
                    guard case .exception(let error) = $0 as? CallFailure<StorageError> else { return false }
                    return error.code == .invalidArgument && error.effect == .notExecuted
                }
            }
            #expect(scripts.map(\.asked.count) == [0, 0])
        }
    }

    @Test func anAnswerForOtherKeysIsAFailure() async throws {
        try await TestServer.withSharded([.scripted(ScriptedStorage(.short)), .working]) { (client) async throws in
            let keys = (0..<2).flatMap { client.placement.keys(of: $0, count: 2) }
            let answer = try await client.multiGet(request(keys), options: Self.generous)
            #expect(answer.allStatuses == [.failed, .failed, .missing, .missing])
        }
    }
}

extension ShardedStorageClient {
    func put(key: String, _ value: String) async throws {
        _ = try await put(PutRequest(key: ByteBuffer(string: key), value: ByteBuffer(string: value)))
    }
}
