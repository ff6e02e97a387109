//! The inputs that fuzzing starts from: a valid call of every method in every protocol, and the places where the formats
//! have edges. Committed as files under `Corpus`, because libFuzzer reads files; a test holds them against this list.

import NIOCore
import NeedletailRPC
import NeedletailWire
import StorageAPI

struct Seed {
    let name: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    init(_ name: String, hex text: String) {
        let digits = text.compactMap(\.hexDigitValue)
        self.init(name, stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
    }

    static func all(of target: FuzzTarget) -> [Seed] {
        switch target {
        case .connection(let wire):
            switch wire.framing {
            case .unframed: calls(wire) + edges(wire.format)
            case .framed: calls(wire) + edges(wire.format).map { $0.framed(true) }
            case .theader, .ttheader: calls(wire) + headers(wire) + headerEdges(wire.framing)
            }
        case .firstBytes: firstBytes
        case .format(let format): values(format)
        }
    }

    private func framed(_ isFramed: Bool) -> Seed {
        if !isFramed { return self }
        return Seed(name, (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes)
    }

    private func prefixed(_ byte: UInt8) -> Seed { Seed(name, [byte] + bytes) }
}

// MARK: Calls

extension Seed {
    private static func calls(_ wire: RPCWire) -> [Seed] {
        func call<Method: RPCMethod>(
            _ name: String, _ method: Method.Type, _ arguments: Method.Arguments, named: StaticString = Method.name
        ) -> Seed {
            Seed(name, Array(encodeCall(wire, id: 7, method, arguments, named: named).readableBytesView))
        }
        func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
        let context = RequestContext(fromService: "fuzz", timeoutMillis: 50, baggage: ["a": "b"])
        let entries = [
            Entry(key: bytes("a"), value: bytes("1")), Entry(key: bytes("b"), value: bytes(""), ttlMillis: 9),
        ]
        return [
            call("ping", StorageMethods.Ping.self, .init()),
            call("get", StorageMethods.Get.self, .init(request: GetRequest(key: bytes("k")))),
            call("get-large", StorageMethods.Get.self, .init(request: GetRequest(key: bytes("big")))),
            call(
                "get-context", StorageMethods.Get.self,
                .init(request: GetRequest(key: bytes("missing"), context: context))),
            call(
                "put", StorageMethods.Put.self,
                .init(
                    request: PutRequest(
                        key: bytes("k"), value: bytes("w"), ttlMillis: 1_000, condition: .ifPresent, ifVersion: 1,
                        durability: .memory, returnPrevious: true))),
            call(
                "put-unsupported", StorageMethods.Put.self,
                .init(request: PutRequest(key: bytes("k"), value: bytes("w"), durability: .replicated))),
            call("remove", StorageMethods.Remove.self, .init(request: RemoveRequest(key: bytes("k"), ifVersion: 1))),
            call(
                "multi-get", StorageMethods.MultiGet.self,
                .init(request: MultiGetRequest(keys: ["k", "missing", "big", "k"], policy: .wait, withVersions: true))),
            call(
                "multi-put", StorageMethods.MultiPut.self,
                .init(request: MultiPutRequest(entries: entries, atomic: true))),
            call(
                "multi-remove", StorageMethods.MultiRemove.self,
                .init(request: MultiRemoveRequest(keys: ["k", "k", "missing"]))),
            call(
                "increment", StorageMethods.Increment.self,
                .init(request: IncrementRequest(key: bytes("n"), delta: -300, initial: 5))),
            call(
                "increment-text", StorageMethods.Increment.self,
                .init(request: IncrementRequest(key: bytes("k"), delta: 1))),
            call("touch", StorageMethods.Touch.self, .init(request: TouchRequest(key: bytes("k"), ttlMillis: 70_000))),
            call(
                "scan", StorageMethods.Scan.self,
                .init(request: ScanRequest(prefix: bytes("k"), limit: 2, keysOnly: true))),
            call(
                "unknown-method", StorageMethods.Get.self, .init(request: GetRequest(key: bytes("k"))), named: "nothing"
            ),
            call(
                "multiplexed", StorageMethods.Get.self, .init(request: GetRequest(key: bytes("k"))),
                named: "Storage:get"),
        ]
    }

    /// A call with everything that a header may say.
    private static func headers(_ wire: RPCWire) -> [Seed] {
        let metadata = CallMetadata(
            fromService: "fuzz", fromCluster: "a", toService: "needletail", toCluster: "b", logID: "1",
            timeoutMillis: 50, baggage: ["a": "b"], accessToken: "c")
        let arguments = StorageMethods.Get.Arguments(request: GetRequest(key: ByteBuffer(string: "k")))
        let message = encodeCall(wire, id: 7, StorageMethods.Get.self, arguments, metadata: metadata)
        return [Seed("metadata", Array(message.readableBytesView))]
    }

    /// Frames at the edges of a header.
    private static func headerEdges(_ framing: RPCFraming) -> [Seed] {
        let ping = "80010001 00000004 70696e67 00000007 00"
        if framing == .theader {
            return [
                Seed(
                    "golden",
                    hex: "00000026 0fff00000000012c0003 00000101026b310276310000 80010001000000036765740000012c00"),
                Seed("in-order", hex: "0000001f 0fff0000000000070001 00000000" + ping),
                Seed("out-of-order", hex: "0000001f 0fff0001000000070001 00000000" + ping),
                Seed("unknown-protocol", hex: "0000001f 0fff0000000000070001 03000000" + ping),
                Seed("unknown-transform", hex: "0000001f 0fff0000000000070001 00010500" + ping),
                Seed("unknown-info", hex: "0000001f 0fff0000000000070001 000002ff" + ping),
                Seed("not-compressed", hex: "0000001f 0fff0000000000070001 00010100" + ping),
                Seed("words-too-many", hex: "0000001f 0fff0000000000074000 00000000" + ping),
                Seed("payload-negative", hex: "0000001f 0fff0000000000070008 00000000" + ping),
                Seed("entry-past-end", hex: "0000001f 0fff0000000000070002 0000010180010001" + ping),
                Seed(
                    "timeout-no-number",
                    hex: "0000002f 0fff0000000000070005 00000101 0e636c69656e745f74696d656f7574 0178 00" + ping),
                Seed("over-limit", hex: "7fffffff 0fff0000000000070001 00000000 80010001 00000003 676574 00000007"),
            ]
        }
        return [
            Seed(
                "golden",
                hex: "0000003a 100000000000012c0008 0000010001000369736e00024b5610000200090003676574000c0003313030 0300"
                    + "80010001000000036765740000012c00"),
            Seed("framed-inside", hex: "00000023 10000000000000070001 00000000 00000011" + ping),
            Seed(
                "one-way",
                hex: "00000025 10000000000000070001 00000000 80010004 00000003 676574 00000007 0b0001 00000000 00"),
            Seed("unknown-protocol", hex: "0000001f 10000000000000070001 02000000" + ping),
            Seed("unknown-info", hex: "0000001f 10000000000000070001 00000200" + ping),
            Seed("streaming", hex: "0000001f 10000002000000070001 00000000" + ping),
            Seed("words-max", hex: "0000001f 1000000000000007ffff 00000000" + ping),
            Seed("token", hex: "00000023 10000000000000070002 0000 11 0001 61 0000" + ping),
            Seed("timeout-negative", hex: "00000027 10000000000000070003 0000 10 0001 000c 0002 2d31 00" + ping),
            Seed("over-limit", hex: "7fffffff 10000000000000070001 00000000 80010001 00000003 676574 00000007"),
        ]
    }

    /// Messages at the edges of a format, without a frame.
    private static func edges(_ format: RPCFormat) -> [Seed] {
        switch format {
        case .messagePack:
            [
                Seed("notification", hex: "93 02 a3676574 91 81 a36b6579 a16b"),
                Seed("cancel", hex: "93 02 a7 2463616e63656c 91 07"),
                Seed("response", hex: "94 01 07 c0 a4706f6e67"),
                Seed("keyed-by-ids", hex: "94 00 cd012c a3676574 91 81 01 c4016b"),
                Seed("wide-heads", hex: "dc0004 d200000000 ce00000007 c403676574 dd00000001 df00000001 d801 c4016b"),
                Seed("length-2-31", hex: "94 00 07 a3676574 91 81 a36b6579 c680000000"),
                Seed("count-2-32", hex: "94 00 07 a86d756c7469476574 91 81 a46b657973 ddffffffff"),
                Seed("deep", hex: "94 00 07 a3676574 91" + String(repeating: "91", count: 20) + "c0"),
                Seed("no-call", hex: "83 01 02 a161 c0 c0 d6ff00000000"),
                Seed("never-used", hex: "94 00 07 a3676574 91 c1"),
            ]
        case .thriftBinary:
            [
                Seed(
                    "golden",
                    hex: "80010001 00000003 676574 0000012c 0b0001 00000002 6162 020002 01 020028 00"
                        + "0f0029 02 00000002 0100 08002a fffffffd 00"),
                Seed("unstrict", hex: "00000003 676574 01 00000007 0c0001 0b0001 00000001 6b 00 00"),
                Seed("one-way", hex: "80010004 00000003 676574 00000007 0c0001 0b0001 00000001 6b 00 00"),
                Seed("reply", hex: "80010002 00000003 676574 00000007 0b0000 00000001 6b 00"),
                Seed("length-2-31", hex: "80010001 00000003 676574 00000007 0c0001 0b0001 7fffffff 6b"),
                Seed("length-negative", hex: "80010001 00000003 676574 00000007 0c0001 0b0001 80000000 6b"),
                Seed("count-2-31", hex: "80010001 00000008 6d756c7469476574 00000007 0c0001 0f0001 0b 7fffffff"),
                Seed(
                    "unknown-fields",
                    hex:
                        "80010001 00000003 676574 00000007 0c0001 0b0001 00000001 6b 0d0009 0b0c 00000001 00000001 61 00"
                        + "0e000a 0f 00000001 10 00000001 00112233445566778899aabbccddeeff 00 00"),
                Seed(
                    "deep",
                    hex: "80010001 00000003 676574 00000007 " + String(repeating: "0c0001", count: 20)
                        + String(repeating: "00", count: 21)),
            ]
        case .thriftCompact:
            [
                Seed("golden", hex: "8221ac0203676574 1802616211025019210102150500"),
                Seed("one-way", hex: "8281 07 03 676574 1c 18 01 6b 00 00"),
                Seed("reply", hex: "8241 07 03 676574 08 00 01 6b 00"),
                Seed("long-ids", hex: "8221 07 03 676574 0c 02 08 02 01 6b 05 fe03 02 00 00"),
                Seed("length-2-31", hex: "8221 07 03 676574 1c 18 ffffffff07 6b"),
                Seed("varint-too-long", hex: "8221 07 03 676574 1c 18 ffffffffff 01 6b"),
                Seed("count-2-31", hex: "8221 07 08 6d756c7469476574 1c 19 f8 ffffffff07"),
                Seed(
                    "unknown-fields",
                    hex: "8221 07 03 676574 1c 18 01 6b 8b 01 8c 01 61 00 1a 1d 00112233445566778899aabbccddeeff"
                        + "11 12 17 0000000000000000 00 00"),
                Seed(
                    "deep",
                    hex: "8221 07 03 676574 " + String(repeating: "1c", count: 20) + String(repeating: "00", count: 21)),
            ]
        }
    }

    /// One connection's first bytes of every kind that the detector tells apart.
    private static var firstBytes: [Seed] {
        let served = FuzzTarget.wires.map { wire in
            let messages = calls(wire).filter { ["get", "put"].contains($0.name) }
            return Seed(FuzzTarget.connection(wire).name, messages.flatMap(\.bytes))
        }
        let unstrict = edges(.thriftBinary).filter { $0.name == "unstrict" }
        return served + unstrict + unstrict.map { Seed("unstrict-framed", $0.framed(true).bytes) } + [
            Seed("http", Array("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n".utf8)),
            Seed("http2", Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)),
            Seed("redis", Array("*1\r\n$4\r\nPING\r\n".utf8)),
            Seed("tls", hex: "16 0301 0005 01 000001 00"),
            Seed("theader", hex: "00000026 0fff 0000 0000012c 0003 00000101026b310276310000"),
            Seed("ttheader", hex: "0000003a 1000 0000 0000012c 0008 00010001000369736e00024b56"),
            Seed("frame-over-limit", hex: "7fffffff 80010001 00000003 676574 00000007"),
        ]
    }
}

// MARK: Values

extension Seed {
    /// Values and structs without an envelope, behind the byte that chooses what they are taken for.
    private static func values(_ format: RPCFormat) -> [Seed] {
        requests(format) + edges(format).map { $0.prefixed(7) }
    }

    /// Requests as `StructOracle` chooses them, which are structs for the scanner too where 12 and 16 allow it.
    private static func requests(_ format: RPCFormat) -> [Seed] {
        func request(_ choice: UInt8, _ name: String, _ value: some WireStruct) -> Seed {
            Seed("request-" + name, [choice] + Array(StructOracle(format).encode(value).readableBytesView))
        }
        func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
        return [
            request(64, "get", GetRequest(key: bytes("k"), context: RequestContext(baggage: ["a": "b"]))),
            request(1, "put", PutRequest(key: bytes("k"), value: bytes("v"), ttlMillis: .max, returnPrevious: false)),
            request(19, "multi-get", MultiGetRequest(keys: ["k", "", "l"], withVersions: true)),
            request(4, "multi-put", MultiPutRequest(entries: [Entry(key: bytes("k"), value: bytes("v"))])),
            request(6, "increment", IncrementRequest(key: bytes("k"), delta: .min)),
            request(8, "scan", ScanRequest(cursor: bytes("c"), limit: -1)),
            request(9, "get-answer", GetResponse(value: bytes("v"), version: 1)),
            request(
                11, "multi-get-answer",
                MultiGetResponse(values: ["v", ""], statuses: bytes("\u{1}\u{2}"), versions: [3, 0], complete: true)),
            request(13, "scan-answer", ScanResponse(entries: [ScannedEntry(key: bytes("k"), version: 2)])),
            request(14, "error", StorageError(code: .overloaded, message: "m", effect: .unknown, retryAfterMillis: 5)),
        ]
    }
}
