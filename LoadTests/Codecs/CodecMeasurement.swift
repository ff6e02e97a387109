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
    /// Runs `codec` for about so many milliseconds, half of them encoding.
    static func measure<Codec: MeasuredCodec>(_ codec: inout Codec, milliseconds: Double) throws -> CodecTimes {
        var checksum = 0
        let encode = try nanosecondsPerCall(milliseconds / 2, &checksum) { codec.encode() }
        let decode = try nanosecondsPerCall(milliseconds / 2, &checksum) { try codec.decode() }
        guard checksum != 0 else { throw CodecMismatch(what: "a decoder gives nothing") }
        return CodecTimes(encode: encode, decode: decode)
    }

    @inline(__always)
    private static func nanosecondsPerCall(
        _ milliseconds: Double, _ checksum: inout Int, _ body: () throws -> Int
    ) throws -> Double {
        try ThreadTime.nanosecondsPerOperation(milliseconds: milliseconds) { calls in
            for _ in 0..<calls { checksum &+= try body() }
        }
    }
}

/// Two codecs do not mean the same: nothing that is measured would count.
struct CodecMismatch: Error, CustomStringConvertible {
    let what: String
    var description: String { what }
}
