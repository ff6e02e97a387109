//! Lists of binaries over one buffer.

import NIOCore
import NeedletailWire
import Testing

@Suite struct BinaryListTests {
    /// "abcdef" in a buffer that does not begin there.
    private var letters: ByteBuffer { message(Array("abcdef".utf8)) }

    private func strings(_ list: BinaryList) -> [String] { list.indices.map { String(buffer: list.buffer(at: $0)) } }

    @Test func anEmptyListHasNothing() {
        for list in [
            BinaryList(), [], BinaryList([]), BinaryList(strings: []), BinaryList(in: letters, minimumCapacity: 9),
        ] {
            #expect(list.isEmpty && list.count == 0 && list.totalByteCount == 0 && list.indices.isEmpty)
            #expect(list == [])
        }
    }

    @Test func elementsAreWhereTheyLie() {
        var list = BinaryList(in: letters, minimumCapacity: 3)
        list.append(offset: 1, count: 2)
        list.append(offset: 0, count: 0)
        list.append(offset: 0, count: 6)
        list.append(offset: 6, count: 0)
        #expect(strings(list) == ["bc", "", "abcdef", ""])
        #expect(list.count == 4 && list.totalByteCount == 8)
        for index in list.indices {
            let element = list[index].array
            #expect(element == Array(buffer: list.buffer(at: index)))
            #expect(list.byteCount(at: index) == element.count)
        }
    }

    @Test func copiesAreAppendedBehindWhatIsThere() {
        var list = BinaryList(in: letters, minimumCapacity: 1)
        list.append(offset: 3, count: 3)
        list.append(message(Array("new".utf8)))
        list.append(ByteBuffer())
        list.append(ByteBuffer(string: "er"))
        #expect(strings(list) == ["def", "new", "", "er"])
        #expect(list[1].array == Array("new".utf8))
    }

    @Test func appendingToACopyLeavesTheOriginal() {
        let original: BinaryList = ["a", "b"]
        var copy = original
        copy.append(ByteBuffer(string: "c"))
        #expect(strings(original) == ["a", "b"] && strings(copy) == ["a", "b", "c"])
    }

    @Test func equalityIsOfElementsNotOfPlaces() {
        var placed = BinaryList(in: letters, minimumCapacity: 2)
        placed.append(offset: 2, count: 2)
        placed.append(offset: 0, count: 1)
        let copied: BinaryList = ["cd", "a"]
        #expect(placed == copied && placed.hashValue == copied.hashValue)
        #expect(Set([placed, copied]).count == 1)
        for other in [["cd"], ["a", "cd"], ["cd", "a", ""], ["c", "da"], ["cd", "b"]] as [BinaryList] {
            #expect(placed != other)
        }
        #expect(["", ""] as BinaryList != [""] as BinaryList)
    }

    @Test func anElementKeepsTheBytesAlive() {
        func last() -> ByteBuffer {
            let list = BinaryList(strings: (0..<100).map { "element \($0)" })
            return list.buffer(at: 99)
        }
        #expect(String(buffer: last()) == "element 99")
    }

    @Test func aSelectionHasItsElementsInItsOrder() {
        let list = BinaryList(strings: ["zero", "", "two", "three"])
        #expect(list.selecting([3, 1, 3, 0]) == ["three", "", "three", "zero"])
        #expect(list.selecting([]).isEmpty)
        var longer = list.selecting([2])
        longer.append(ByteBuffer(string: "four"))
        #expect(longer == ["two", "four"])
        #expect(list == ["zero", "", "two", "three"])
    }

    @Test(arguments: WireFormat.allCases)
    func listsOfAnyLengthComeBack(format: WireFormat) throws {
        for count in [0, 1, 14, 15, 16, 127, 128, 1_000, 10_000] {
            var sample = Sample()
            sample.parts = BinaryList(strings: (0..<count).map { String($0) })
            let decoded = try format.decode(Sample.self, from: format.encode(sample)).value.parts
            #expect(decoded.count == count && decoded == sample.parts)
        }
        var tooLong = Sample()
        tooLong.parts = BinaryList(strings: (0...10_000).map { _ in "" })
        #expect(throws: WireError.countOverLimit(count: 10_001, limit: 10_000)) {
            try format.decode(Sample.self, from: format.encode(tooLong))
        }
    }
}
