//! As much of the ELF format as names of functions need (System V ABI, chapters 4 and 5): 64 bits, little endian. A file that
//! is cut off or wrong has fewer names, or wrong ones, and does no harm.
//!
//! Unsafe inside: the file is mapped, not read, since a program's names can be a hundred megabytes. Places are counted with
//! wrapping arithmetic, as the file's numbers may be any, and every load is checked against the mapping's length. (A file that shrinks while it is mapped would fault; who replaces a running program makes
//! a new file.)

internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

@safe
final class ElfFile {
    private let bytes: UnsafeRawBufferPointer
    private let byteCount: Int

    init?(path: String) {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? file.close() }
        guard let size = try? file.seek(offset: 0, from: .end), size > 64 else { return nil }
        let start = unsafe mmap(nil, Int(size), PROT_READ, MAP_PRIVATE, file.rawValue, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else { return nil }
        unsafe bytes = UnsafeRawBufferPointer(start: start, count: Int(size))
        byteCount = Int(size)
        // 0x7F E L F, 64 bits, little endian.
        guard load(0, as: UInt32.self) == 0x464C_457F, load(4, as: UInt16.self) == 0x0102 else { return nil }
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

    private func load<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as: Number.Type) -> Number? {
        guard offset >= 0, offset <= byteCount - MemoryLayout<Number>.size else { return nil }
        return unsafe Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    private func offset(_ place: Int) -> Int { Int(clamping: load(place, as: UInt64.self) ?? 0) }

    /// The address that a place of the file has in the file's own numbering.
    func address(ofFileOffset place: UInt64) -> UInt64? {
        let table = offset(32)
        for index in 0..<Int(load(56, as: UInt16.self) ?? 0) {
            let header = table &+ index &* 56
            guard load(header, as: UInt32.self) == 1, let start = load(header &+ 8, as: UInt64.self),
                let address = load(header &+ 16, as: UInt64.self), let size = load(header &+ 32, as: UInt64.self)
            else { continue }
            if start <= place, place - start < size { return address &+ (place - start) }
        }
        return nil
    }

    /// The functions that stand at these addresses, by address.
    /// - Parameter addresses: sorted.
    func functions(at addresses: [UInt64]) -> [UInt64: String] {
        let table = offset(40)
        var found: [UInt64: String] = [:]
        // A file has one of either kind; a wrong one could have any number, each as long as the file.
        var awaited: Set<UInt32> = [2, 11]
        for index in 0..<Int(load(60, as: UInt16.self) ?? 0) {
            let section = table &+ index &* 64
            // All symbols, or those that the dynamic linker needs.
            guard let type = load(section &+ 4, as: UInt32.self), awaited.remove(type) != nil,
                let link = load(section &+ 40, as: UInt32.self)
            else { continue }
            let names = offset(table &+ Int(link) &* 64 &+ 24)
            collect(from: offset(section &+ 24), byteCount: offset(section &+ 32), names, addresses, &found)
        }
        return found
    }

    private func collect(
        from start: Int, byteCount size: Int, _ names: Int, _ addresses: [UInt64], _ found: inout [UInt64: String]
    ) {
        guard start >= 0, size >= 0, size <= byteCount, start <= byteCount - size else { return }
        for symbol in stride(from: start, to: start + size / 24 * 24, by: 24) {
            // Functions that are here.
            guard let type = load(symbol + 4, as: UInt8.self), type & 15 == 2,
                let size = load(symbol + 16, as: UInt64.self),
                size > 0, let value = load(symbol + 8, as: UInt64.self)
            else { continue }
            var (low, high) = (0, addresses.count)
            while low < high {
                let middle = (low + high) / 2
                if addresses[middle] < value { low = middle + 1 } else { high = middle }
            }
            guard low < addresses.count, addresses[low] &- value < size,
                let name = load(symbol, as: UInt32.self).flatMap({ string(names &+ Int($0)) })
            else { continue }
            while low < addresses.count, addresses[low] &- value < size {
                if found[addresses[low]] == nil { found[addresses[low]] = name }
                low += 1
            }
        }
    }

    /// Names are cut to this.
    private static let nameBytesMax = 4_096

    private func string(_ offset: Int) -> String? {
        guard offset >= 0, offset < byteCount else { return nil }
        let rest = unsafe bytes[offset..<min(offset + Self.nameBytesMax, byteCount)]
        return unsafe String(decoding: rest.prefix { $0 != 0 }, as: UTF8.self)
    }
}
