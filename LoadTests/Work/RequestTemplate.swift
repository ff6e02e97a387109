//! A request that was encoded once, with the places that change from call to call. Sending a call copies the template
//! and writes key numbers, values and the call's id over those places; no encoder runs while a load is measured.
//!
//! A template is found in a sample: the sample is encoded like any request, with markers for keys, values and id.

/// The bytes of a request and where in them the changing parts are.
struct RequestTemplate: Sendable {
    let bytes: [UInt8]
    /// Where the call's id stands, four bytes, big-endian; nil where answers come in order and ids do not change.
    let idOffset: Int?
    /// Where each key's number stands, `KeySpace.numberSize` bytes.
    let keyOffsets: [Int]
    /// Where each value begins; as many as there are keys, or none.
    let valueOffsets: [Int]
    let valueSize: Int

    private static let keyMarker = Array("\u{1}number\u{2}".utf8)
    private static let valueMarker = Array("\u{1}value:\u{2}".utf8)
    /// A call id that takes its full width in every format, and shows its place.
    static let idMarker: UInt32 = 0xf1e2_d3c4

    /// The key to encode into a sample.
    static func sampleKey(_ keys: KeySpace) -> [UInt8] { keys.keyPrefix + keyMarker }

    /// The value to encode into a sample.
    static func sampleValue(_ keys: KeySpace) -> [UInt8] {
        valueMarker + Array(repeating: 0, count: keys.valueSize - valueMarker.count)
    }

    /// - Parameter sample: a request of `shape` with `sampleKey` for each key, `sampleValue` for each value, and, where
    ///   the protocol's answers name their call, `idMarker` as its id.
    init(sample: [UInt8], _ shape: CallShape, _ keys: KeySpace, hasID: Bool) {
        bytes = sample
        keyOffsets = sample.offsets(of: Self.keyMarker)
        valueOffsets = sample.offsets(of: Self.valueMarker)
        valueSize = keys.valueSize
        let id = (0..<4).map { UInt8(truncatingIfNeeded: Self.idMarker &>> (24 - $0 * 8)) }
        idOffset = hasID ? sample.offsets(of: id).first : nil
        precondition(keyOffsets.count == shape.keysPerCall, "each key shows once")
        precondition(
            valueOffsets.count == (shape.operation.writesValues ? shape.keysPerCall : 0), "each value shows once")
        precondition(hasID == (idOffset != nil), "the id shows")
    }
}

extension [UInt8] {
    /// Where `marker` begins.
    fileprivate func offsets(of marker: [UInt8]) -> [Int] {
        var offsets: [Int] = []
        var offset = 0
        while offset + marker.count <= count {
            if self[offset] == marker[0], self[offset..<offset + marker.count].elementsEqual(marker) {
                offsets.append(offset)
                offset += marker.count
            } else {
                offset += 1
            }
        }
        return offsets
    }
}
