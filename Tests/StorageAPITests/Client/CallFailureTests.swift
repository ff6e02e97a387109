import NeedletailRPC
import NeedletailWire
import StorageAPI
import Testing

@Suite struct CallFailureTests {
    @Test func theEffectIsWhatTheServerSaysOrTheClientKnows() {
        func effect(_ failure: CallFailure<StorageError>) -> Effect { failure.effect }
        #expect(effect(.exception(StorageError(code: .internal, message: "", effect: .executed))) == .executed)
        #expect(effect(.call(.notConnected("nobody there"))) == .notExecuted)
        #expect(effect(.call(.timedOut(.read, .unknown))) == .unknown)
        #expect(effect(.call(.cancelled(.notExecuted))) == .notExecuted)
        #expect(effect(.call(.undecodable(.truncated))) == .unknown)
    }

    @Test func aServerSaysHowLongToWait() {
        func retryAfter(_ failure: CallFailure<StorageError>) -> Duration? { failure.retryAfter }
        let shed = StorageError(code: .overloaded, message: "", effect: .notExecuted, retryAfterMillis: 20)
        #expect(retryAfter(.exception(shed)) == .milliseconds(20))
        #expect(retryAfter(.exception(StorageError(code: .internal, message: "", effect: .unknown))) == nil)
        #expect(retryAfter(.call(.clientClosed)) == nil)
    }
}
