import NeedletailRPC
import Testing

@testable import StorageAPI

@Suite struct PartDeadlineTests {
    @Test func aTenthIsKeptBackAndNotMoreThanTwentyMilliseconds() {
        let short = PartDeadline(RequestContext(timeoutMillis: 50), CallOptions())
        #expect(short.serverMillis == 45)
        #expect(short.timeout == .microseconds(47_500))
        let long = PartDeadline(nil, CallOptions(timeout: .seconds(5)))
        #expect(long.serverMillis == 4_980)
        #expect(long.timeout == .milliseconds(4_990))
    }

    @Test func theSmallestOfAllThatIsSaidCounts() {
        func millis(_ context: Int32?, _ timeout: Duration?, _ header: Int32?) -> Int32? {
            PartDeadline(
                RequestContext(timeoutMillis: context),
                CallOptions(timeout: timeout, metadata: CallMetadata(timeoutMillis: header))
            ).serverMillis
        }
        #expect(millis(100, .milliseconds(200), 300) == 90)
        #expect(millis(300, .milliseconds(100), 200) == 90)
        #expect(millis(200, .milliseconds(300), 100) == 90)
        #expect(millis(0, .milliseconds(100), nil) == 90)
    }

    @Test func whatSaysNothingOfTimeIsLeftAsItIs() {
        let deadline = PartDeadline(nil, CallOptions())
        #expect(deadline.applied(to: nil as RequestContext?) == nil)
        let options = CallOptions(metadata: CallMetadata(logID: "7"))
        #expect(deadline.applied(to: options) == options)
    }

    @Test func aServerIsNeverToldZeroWhichWouldBeItsDefault() {
        #expect(PartDeadline(RequestContext(timeoutMillis: 1), CallOptions()).serverMillis == 1)
        #expect(PartDeadline(nil, CallOptions(timeout: .zero)).serverMillis == 1)
    }

    @Test func moreThanAContextCanSayIsItsMost() {
        #expect(PartDeadline(nil, CallOptions(timeout: .seconds(1 << 40))).serverMillis == .max)
    }

    @Test func theRestOfContextAndOptionsStays() {
        let deadline = PartDeadline(RequestContext(timeoutMillis: 100), CallOptions())
        let context = deadline.applied(to: RequestContext(logID: "7", timeoutMillis: 100))
        #expect(context == RequestContext(logID: "7", timeoutMillis: 90))
        let options = deadline.applied(to: CallOptions(metadata: CallMetadata(logID: "8")))
        #expect(options.timeout == .milliseconds(95))
        #expect(options.metadata == CallMetadata(logID: "8", timeoutMillis: 90))
    }
}
