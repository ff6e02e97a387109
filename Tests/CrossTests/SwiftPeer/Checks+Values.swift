internal import NIOCore
internal import NeedletailRPC
internal import NeedletailWire

extension Checks {
    mutating func checkValues(_ client: IdentifiersClient) async {
        await check("ping") { try same(try await client.ping(), "pong") }
        await check("void") { try await client.nothing() }
        await check("bool") { try await echo([true, false]) { try await client.echoBool(value: $0) } }
        await check("i8") { try await echo(CrosstestConstants.bytes) { try await client.echoByte(value: $0) } }
        await check("i16") { try await echo(CrosstestConstants.shorts) { try await client.echoShort(value: $0) } }
        await check("i32") {
            try await echo(CrosstestConstants.ints + [.min]) { try await client.echoInt(value: $0) }
        }
        await check("i64") {
            try await echo(CrosstestConstants.longs + [.min]) { try await client.echoLong(value: $0) }
        }
        await check("double") {
            try await echo(CrosstestConstants.reals) { try await client.echoDouble(value: $0) }
        }
        await check("double-special") {
            let special: [Double] = [
                -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .leastNormalMagnitude, -.greatestFiniteMagnitude,
                4503599627370497.5, 1e-300,
            ]
            for value in special {
                try same(try await client.echoDouble(value: value).bitPattern, value.bitPattern)
            }
            try expect(try await client.echoDouble(value: .nan).isNaN, "NaN came back as a number")
        }
        await check("string") {
            let texts = CrosstestConstants.texts + ["a\0b", "e\u{301} and \u{E9}", "\u{10FFFF}"]
            // By their bytes: strings are equal that are spelt differently.
            for text in texts { try same(Array(try await client.echoString(value: text).utf8), Array(text.utf8)) }
        }
        await check("string-large") {
            try await echo([Values.longText]) { try await client.echoString(value: $0) }
        }
        await check("binary") {
            let blobs = [
                ByteBuffer(), ByteBuffer(string: "a"), ByteBuffer(bytes: [0xFF, 0xFE]), Values.bytes(256),
                Values.bytes(4_096),
            ]
            try await echo(blobs) { try await client.echoBinary(value: $0) }
        }
        await check("binary-large") {
            try await echo([Values.bytes(100_000)]) { try await client.echoBinary(value: $0) }
        }
        await check("enum") { try await echo(SharedConstants.colors) { try await client.echoColor(value: $0) } }
        await check("enum-unknown") {
            try await echo([.unrecognized(77), .unrecognized(0), .unrecognized(.min)]) {
                try await client.echoColor(value: $0)
            }
        }
        await check("typedef") {
            try same(SharedConstants.epoch, 1_700_000_000_000)
            try await echo([SharedConstants.epoch, -1]) { try await client.echoMoment(value: $0) }
        }
    }

    mutating func checkContainers(_ client: IdentifiersClient) async {
        await check("list-lengths") {
            for count in [0, 1, 14, 15, 16, 127, 128, 1_000] {
                try await echo([(0..<count).map { $0 % 3 == 0 }]) { try await client.echoFlags(value: $0) }
                let longs = (0..<Int64(count)).map { $0 * $0 * $0 * ($0 % 2 == 0 ? 1_000 : -1_000) }
                try await echo([longs]) { try await client.echoLongs(value: $0) }
            }
        }
        await check("list-of-binary") {
            let blobs = BinaryList((0..<40).map { Values.bytes($0 * 10) })
            try await echo([[], [""], blobs]) { try await client.echoBlobs(value: $0) }
        }
        await check("set") {
            try await echo([[], [""], Set(CrosstestConstants.texts)]) { try await client.echoWords(value: $0) }
        }
        await check("map") {
            let counts = Dictionary(uniqueKeysWithValues: (0..<Int32(200)).map { ("key \($0)", -$0) })
            try await echo([[:], ["": 0], counts]) { try await client.echoTable(value: $0) }
        }
        await check("nested") {
            let constant = CrosstestConstants.everything.maps?.deep ?? [:]
            try await echo([[:], constant, [1: [[:], ["": []], ["a": Set(CrosstestConstants.longs)]]]]) {
                try await client.echoDeep(value: $0)
            }
        }
        await check("struct-keys") {
            let keyed: [Point: [Choice]] = [
                Point(x: 1, y: 2): CrosstestConstants.choices, Point(x: 2, y: 1): [],
                SharedConstants.origin: [.number(1)],
            ]
            try await echo([[:], keyed]) { try await client.echoKeyed(value: $0) }
        }
    }

    mutating func checkIdentifiers(_ client: IdentifiersClient) async {
        await check("uuid") { try await echo(Values.uuids) { try await client.echoUUID(value: $0) } }
        await check("uuid-nested") {
            try await echo([Values.identified]) { try await client.echoIdentified($0) }
        }
    }
}
