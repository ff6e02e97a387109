internal import CIntrinsics

/// A set of cores that a thread may run on; the processes that it starts inherit it.
struct CoreSet: Sendable, Hashable {
    /// As many cores as the kernel is asked about.
    private static let coresMax = 1_024
    private var mask = [UInt8](repeating: 0, count: coresMax / 8)

    /// The cores that the calling thread may run on.
    static func current() -> CoreSet {
        var set = CoreSet([])
        // An array's storage is lent for the call, with its own size.
        _ = unsafe nt_get_cores(&set.mask, set.mask.count)
        return set
    }

    /// The cores that a process may run on; none if there is no such process.
    static func of(_ process: Int32) -> CoreSet {
        // As in "0-3,8".
        let list = field("Cpus_allowed_list", ofFile: "/proc/\(process)/status") ?? ""
        return CoreSet(
            list.split(separator: ",").flatMap { range in
                let ends = range.split(separator: "-").compactMap { Int($0) }
                guard let first = ends.first, let last = ends.last, first <= last else { return [Int]() }
                return Array(first...min(last, coresMax))
            })
    }

    init(_ cores: [Int]) {
        for core in cores where core < Self.coresMax { mask[core / 8] |= 1 << UInt8(core % 8) }
    }

    /// The cores' numbers, in order.
    var cores: [Int] { (0..<Self.coresMax).filter { mask[$0 / 8] & 1 << UInt8($0 % 8) != 0 } }

    func union(_ other: CoreSet) -> CoreSet { CoreSet(cores + other.cores) }

    /// Keeps the calling thread on these cores.
    /// - Returns: whether the kernel agreed.
    @discardableResult
    func apply() -> Bool { unsafe nt_set_cores(mask, mask.count) == 0 }
}
