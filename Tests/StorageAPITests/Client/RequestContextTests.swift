import NIOCore
import NeedletailRPC
import StorageAPI
import Testing

@Suite struct RequestContextTests {
    private static let metadata = CallMetadata(
        fromService: "orders", fromCluster: "blue", toService: "needletail", toCluster: "green", logID: "4711",
        timeoutMillis: 50, baggage: ["user": "7", "shop": "a"], accessToken: "secret")

    @Test func metadataFillsWhatTheContextDoesNotSay() {
        var context = RequestContext(fromService: "mine", baggage: ["user": "8"])
        context.fill(from: Self.metadata)
        #expect(
            context
                == RequestContext(
                    fromService: "mine", fromCluster: "blue", toService: "needletail", toCluster: "green",
                    logID: "4711", timeoutMillis: 50, baggage: ["user": "8", "shop": "a"]))
    }

    @Test(
        arguments: [
            (nil, 50, 50), (0, 50, 50), (20, 50, 20), (80, 50, 50), (20, nil, 20), (20, 0, 20), (-1, 50, -1),
        ] as [(Int32?, Int32?, Int32?)])
    func theSmallerTimeoutCounts(own: Int32?, other: Int32?, result: Int32?) {
        var context = RequestContext(timeoutMillis: own)
        context.fill(from: CallMetadata(timeoutMillis: other))
        #expect(context.timeoutMillis == result)
    }

    @Test func generatedArgumentsCarryMetadata() {
        var arguments = StorageMethods.Get.Arguments(request: GetRequest(key: ByteBuffer(string: "k")))
        arguments.carry(CallMetadata())
        #expect(arguments.request.context == nil)
        arguments.carry(Self.metadata)
        #expect(arguments.request.context?.fromService == "orders")
        #expect(arguments.request.context?.timeoutMillis == 50)
        var history = HistoryMethods.GetDataByRange.Arguments(
            request: GetDataByRangeRequest(owner: ByteBuffer(string: "o"), fromMillis: 0, toMillis: 1))
        history.carry(Self.metadata)
        #expect(history.request.context?.logID == "4711")
    }

    @Test func readsAreReadOnlyAndWritesAreNot() {
        #expect(StorageMethods.Ping.isReadOnly && StorageMethods.Get.isReadOnly)
        #expect(StorageMethods.MultiGet.isReadOnly && StorageMethods.Scan.isReadOnly)
        #expect(HistoryMethods.GetDataByRange.isReadOnly)
        #expect(!StorageMethods.Put.isReadOnly && !StorageMethods.Remove.isReadOnly)
        #expect(!StorageMethods.MultiPut.isReadOnly && !StorageMethods.MultiRemove.isReadOnly)
        #expect(!StorageMethods.Increment.isReadOnly && !StorageMethods.Touch.isReadOnly)
        #expect(!HistoryMethods.SetData.isReadOnly)
    }
}
