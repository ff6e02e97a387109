//! What one simulated file holds: what programs read, what is on disk, and the changes between the two.

/// A file's bytes. Those behind `bytes` read as zero, so that space which is only allocated costs no memory.
struct FileImage: Sendable, Hashable {
    private(set) var bytes: [UInt8] = []
    private(set) var size = 0

    func byte(at offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }

    var contents: [UInt8] { bytes + [UInt8](repeating: 0, count: size - bytes.count) }

    mutating func write(_ new: some Collection<UInt8>, at offset: Int) {
        let end = offset + new.count
        if bytes.count < end {
            bytes.reserveCapacity(max(end, min(2 * bytes.count, size)))
            bytes += repeatElement(0, count: end - bytes.count)
        }
        bytes.replaceSubrange(offset..<end, with: new)
        size = max(size, end)
    }

    mutating func resize(to newSize: Int) {
        if newSize < bytes.count { bytes.removeLast(bytes.count - newSize) }
        size = newSize
    }
}

/// A file with its past since the last sync.
struct SimulatedFile: Sendable {
    enum Change: Sendable {
        case write(offset: Int, bytes: [UInt8])
        case resize(Int)
    }

    /// What programs read.
    private(set) var cached = FileImage()
    /// What the disk has for certain.
    private(set) var durable = FileImage()
    /// What may or may not have come to the disk, in its order.
    private(set) var pending: [Change] = []
    /// Bytes that the file takes from the disk's capacity.
    var reserved = 0

    mutating func write(_ bytes: [UInt8], at offset: Int) {
        cached.write(bytes, at: offset)
        pending.append(.write(offset: offset, bytes: bytes))
    }

    mutating func resize(to size: Int) {
        guard cached.size != size else { return }
        cached.resize(to: size)
        pending.append(.resize(size))
    }

    mutating func sync() {
        for change in pending { durable.apply(change) }
        pending = []
    }

    /// A sync that failed: each change is on disk or not, and the kernel takes all of them for written.
    mutating func failSync(_ generator: inout SimulationGenerator) {
        for change in pending where Bool.random(using: &generator) { durable.apply(change) }
        pending = []
    }

    /// The machine lost its power: what is left is what the disk has.
    mutating func crash(_ loss: CrashLoss, _ generator: inout SimulationGenerator) {
        for change in pending {
            switch change {
            case .resize(let size):
                if loss.keeps(&generator) { durable.resize(to: size) }
            case .write(let offset, let bytes):
                durable.crash(bytes, offset, loss, &generator)
            }
        }
        pending = []
        cached = durable
        reserved = durable.size
    }

    /// Changes what is on disk, behind everybody's back.
    mutating func damage(_ change: (inout FileImage) -> Void) {
        change(&cached)
        change(&durable)
    }
}

/// How much of what was not synced a crash keeps.
struct CrashLoss {
    /// How many of 100 sectors or names are kept.
    var kept: Int
    /// How many of 100 sectors that are kept are torn.
    var torn: Int

    static func random(_ generator: inout SimulationGenerator) -> CrashLoss {
        CrashLoss(
            kept: [0, 100, 10, 50, 90, 98].randomElement(using: &generator) ?? 0,
            torn: [0, 0, 5, 30].randomElement(using: &generator) ?? 0)
    }

    func keeps(_ generator: inout SimulationGenerator) -> Bool { Int.random(in: 0..<100, using: &generator) < kept }
    func tears(_ generator: inout SimulationGenerator) -> Bool { Int.random(in: 0..<100, using: &generator) < torn }
}

extension FileImage {
    /// What a disk writes as a whole, or tears.
    private static let sectorBytes = 512

    fileprivate mutating func apply(_ change: SimulatedFile.Change) {
        switch change {
        case .write(let offset, let bytes): write(bytes, at: offset)
        case .resize(let size): resize(to: size)
        }
    }

    /// Some sectors of a write reach the disk, some in part; where they go beyond the file's end, that may not have moved.
    fileprivate mutating func crash(
        _ bytes: [UInt8], _ offset: Int, _ loss: CrashLoss, _ generator: inout SimulationGenerator
    ) {
        let grows = loss.keeps(&generator)
        var start = 0
        while start < bytes.count {
            let sectorEnd = (offset + start) / Self.sectorBytes * Self.sectorBytes + Self.sectorBytes
            let end = min(bytes.count, sectorEnd - offset)
            defer { start = end }
            guard loss.keeps(&generator) else { continue }
            var piece = bytes[start..<end]
            if loss.tears(&generator) {
                let cut = Int.random(in: 0...piece.count, using: &generator)
                piece = Bool.random(using: &generator) ? piece.prefix(cut) : piece.suffix(cut)
            }
            if !grows { piece = piece.prefix(max(0, size - (offset + piece.startIndex))) }
            if !piece.isEmpty { write(piece, at: offset + piece.startIndex) }
        }
    }
}
