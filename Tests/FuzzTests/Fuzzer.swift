//! libFuzzer's way in. Built only with `NEEDLETAIL_FUZZ=1` (Package.swift); `Fuzzing.md` in NeedletailRPC's documentation
//! says how to run it. The target is named by `--target=NAME`, which libFuzzer itself passes over.

import Glibc

nonisolated(unsafe) private var target = FuzzTarget.firstBytes

@c(LLVMFuzzerInitialize)
public func initializeFuzzer(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let option = "--target="
    let names = (0..<Int(unsafe argumentCount.pointee)).compactMap { index in
        unsafe arguments.pointee[index].map { unsafe String(cString: $0) }
    }
    .filter { $0.hasPrefix(option) }.map { String($0.dropFirst(option.count)) }
    guard names.count == 1, let named = FuzzTarget(named: names[0]) else {
        print("\(option) is one of: " + FuzzTarget.all.map(\.name).joined(separator: ", "))
        exit(2)
    }
    unsafe target = named
    return 0
}

@c(LLVMFuzzerTestOneInput)
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    do {
        try unsafe target.check(input)
    } catch {
        fatalError("\(error)")
    }
    return 0
}
