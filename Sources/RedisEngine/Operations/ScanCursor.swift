//! Where a scan stands, as the bytes that a client carries from page to page. The engine keeps nothing.
//!
//! A scan goes from primary to primary. Redis' own cursor means something only to the process that made it, so that the
//! process's run id is kept with it: when another process serves the slots (after a failover, or a restart), these
//! slots are scanned from the start. A slot is done when the process that had it at the start of its scan still has it
//! at the end; slots that came or went meanwhile are scanned again, where they are then.
//!
//! A client may make up any bytes: what the engine would not have written is no cursor, and so its size is bounded.

internal import NIOCore

struct ScanCursor: Hashable {
    private static let version: UInt8 = 1
    /// The contract's: keys of others may be longer, and are passed over.
    static let keyBytesMax = 4_096
    /// Keys of one step, with room to spare: a node may find somewhat more than it was asked to look at.
    static let keysMax = 4 * ScanPageRun.countMax

    /// Slots whose keys were all handed out, or are in `keys`.
    var done = SlotSet()
    /// The slots that the present node had when its scan began; empty between two nodes.
    var current = SlotSet()
    /// The process that is being scanned; nil if that is not known yet.
    var run: UInt64?
    /// Redis' own.
    var position: UInt64 = 0
    /// Keys that the last step found, and that had no place in the page.
    var keys: ArraySlice<ByteBuffer> = []

    init() {}

    var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(Self.version)
        bytes.writeInteger(UInt8(run == nil ? 0 : 1))
        bytes.writeMultipleIntegers(run ?? 0, position)
        done.write(to: &bytes)
        current.write(to: &bytes)
        for key in keys {
            bytes.writeInteger(UInt16(truncatingIfNeeded: key.readableBytes))
            bytes.writeImmutableBuffer(key)
        }
        return bytes
    }

    /// nil if `bytes` are no cursor.
    init?(_ cursor: ByteBuffer) {
        var bytes = cursor
        guard bytes.readInteger(as: UInt8.self) == Self.version,
            let hasRun = bytes.readInteger(as: UInt8.self), hasRun <= 1,
            let (run, position) = bytes.readMultipleIntegers(as: (UInt64, UInt64).self),
            let done = SlotSet(reading: &bytes), let current = SlotSet(reading: &bytes)
        else { return nil }
        self.done = done
        self.current = current
        self.run = hasRun == 1 ? run : nil
        self.position = position
        while bytes.readableBytes > 0 {
            guard keys.count < Self.keysMax, let key = bytes.readLengthPrefixedSlice(as: UInt16.self),
                (1...Self.keyBytesMax).contains(key.readableBytes)
            else { return nil }
            keys.append(key)
        }
    }
}
