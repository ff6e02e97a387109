import NIOCore
import NeedletailWire
import Testing

@testable import StorageServer

@Suite struct KeySamplerTests {
    @Test func oneKeyInSoManyIsCounted() {
        let sampler = KeySampler(keysPerSample: 10, seed: 1)
        let key = ByteBuffer(string: "hot")
        for _ in 0..<50_000 { sampler.saw(key.readableBytesSpan) }
        #expect(4_500...5_500 ~= sampler.found.hotKeys.total)
    }

    @Test func everyKeyOfManyIsAsLikelyAsAnyOther() {
        let sampler = KeySampler(keysPerSample: 10, seed: 1)
        let keys = BinaryList((0..<10).map { ByteBuffer(string: "\($0)") })
        for _ in 0..<20_000 { sampler.saw(keys) }
        let found = sampler.found.hotKeys
        #expect(18_000...22_000 ~= found.total)
        #expect(found.counters.count == 10 && found.counters.allSatisfy { 1_600...2_400 ~= $0.count })
    }

    @Test func eachKeyIsCountedWhereEachIsLookedAt() {
        let sampler = KeySampler(keysPerSample: 1, seed: 1)
        let keys = BinaryList(["a", "b", "a"].map { ByteBuffer(string: $0) })
        for _ in 0..<5 { sampler.saw(keys) }
        sampler.saw(BinaryList([]))
        sampler.saw(7, of: ByteBuffer(string: "b"))
        let counts = sampler.found.hotKeys.counters.map { "\(KeyText.of($0.key)):\($0.count)" }
        #expect(counts.sorted() == ["a:10", "b:6"])
        #expect(sampler.found.largestValues.values.map(\.byteCount) == [7])
    }

    @Test func whateverComesTheMemoryIsBounded() {
        let sampler = KeySampler(keysPerSample: 1, seed: 1)
        for number in 0..<10_000 { sampler.saw(number, of: ByteBuffer(string: "\(number)")) }
        #expect(sampler.found.hotKeys.counters.count == KeySampler.hotKeysMax)
        let largest = sampler.found.largestValues.values
        #expect(largest.map(\.byteCount) == (0..<KeySampler.largestValuesMax).map { 9_999 - $0 })
    }

    @Test func keysThatAreNoTextAreShownInHexadecimal() {
        #expect(KeyText.of(Array("user:7".utf8)) == "user:7")
        #expect(KeyText.of([0, 0xff, 0x41]) == "0x00ff41")
        #expect(KeyText.of(Array("0x41".utf8)) == "0x30783431")
    }
}
