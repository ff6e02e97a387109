import NeedletailRPC
import Testing

@testable import StorageAPI

@Suite struct PartDeadlineTests {
    @Test func aTwentiethIsKeptBackAndNotMoreThanTenMilliseconds() {
        #expect(PartDeadline(RequestContext(timeoutMillis: 50), CallOptions()).timeout == .microseconds(47_500))
        #expect(PartDeadline(nil, CallOptions(timeout: .seconds(5))).timeout == .milliseconds(4_990))
    }

    @Test func theSmallestOfAllThatIsSaidCounts() {
        func timeout(_ context: Int32?, _ timeout: Duration?, _ header: Int32?) -> Duration? {
            PartDeadline(
                RequestContext(timeoutMillis: context),
                CallOptions(timeout: timeout, metadata: CallMetadata(timeoutMillis: header))
            ).timeout
        }
        #expect(timeout(100, .milliseconds(200), 300) == .milliseconds(95))
        #expect(timeout(300, .milliseconds(100), 200) == .milliseconds(95))
        #expect(timeout(200, .milliseconds(300), 100) == .milliseconds(95))
        #expect(timeout(0, .milliseconds(100), nil) == .milliseconds(95))
    }

    @Test func whatSaysNothingOfTimeIsLeftAsItIs() {
        let options = CallOptions(metadata: CallMetadata(logID: "7"))
        #expect(PartDeadline(nil, CallOptions()).applied(to: options) == options)
    }

    @Test func theRestOfTheOptionsStays() {
        let deadline = PartDeadline(RequestContext(timeoutMillis: 100), CallOptions())
        let options = deadline.applied(to: CallOptions(metadata: CallMetadata(logID: "8")))
        #expect(options == CallOptions(timeout: .milliseconds(95), metadata: CallMetadata(logID: "8")))
    }
}
