//! Encoders and decoders under one face, and the time that they take.

/// One way to encode and decode one value.
protocol MeasuredCodec {
    /// Encodes the value once.
    /// - Returns: the bytes' number.
    mutating func encode() -> Int
    /// Decodes the message once into a value of its own, and lets go of it.
    /// - Returns: something of every part of the value, so that none may be left out.
    func decode() throws -> Int
    /// The message as it was last encoded.
    var message: [UInt8] { get }
}

/// What one operation takes of a core, in nanoseconds.
struct CodecTimes: Codable, Hashable, Sendable {
    var encode: Double
    var decode: Double

    var sum: Double { encode + decode }
}

extension CodecTimes {
    /// Batches are of a millisecond or more, so that asking for the time does not count.
    private static let batchNanosecondsMin: Int64 = 1_000_000

    /// Runs `codec` for about so many milliseconds, half of them encoding.
    static func measure<Codec: MeasuredCodec>(_ codec: inout Codec, milliseconds: Double) throws -> CodecTimes {
        var checksum = 0
        let encode = try nanosecondsPerCall(milliseconds / 2, &checksum) { codec.encode() }
        let decode = try nanosecondsPerCall(milliseconds / 2, &checksum) { try codec.decode() }
        guard checksum != 0 else { throw CodecMismatch(what: "a decoder gives nothing") }
        return CodecTimes(encode: encode, decode: decode)
    }

    /// As `nanosecondsPerCall` of the peers: the calls that find the size of a batch warm up.
    @inline(__always)
    private static func nanosecondsPerCall(
        _ milliseconds: Double, _ checksum: inout Int, _ body: () throws -> Int
    ) throws -> Double {
        func batch(_ calls: Int) throws -> Int64 {
            let start = ThreadTime.nanoseconds()
            for _ in 0..<calls { checksum &+= try body() }
            return ThreadTime.nanoseconds() - start
        }
        var calls = 1
        while try batch(calls) < batchNanosecondsMin { calls *= 2 }
        var spent: Int64 = 0
        var done = 0
        while Double(spent) < milliseconds * 1e6 {
            spent += try batch(calls)
            done += calls
        }
        return Double(spent) / Double(done)
    }
}

/// Two codecs do not mean the same: nothing that is measured would count.
struct CodecMismatch: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
