import CIntrinsics
import Testing

@Suite struct ChecksumTests {
    /// RFC 3720, B.4.
    @Test func checksumsAreThoseOfTheStandard() {
        #expect(sum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(sum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(sum(Array(0...31)) == 0x46DD_794E)
        #expect(sum((0...31).reversed()) == 0x113F_DB5C)
    }

    @Test func theInstructionGivesWhatTheTableFreeLoopGives() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
        for count in 0...300 {
            let bytes = Array(bytes[..<count])
            let sums = unsafe (nt_crc32c(7, bytes, count), nt_crc32c_portable(7, bytes, count))
            #expect(sums.0 == sums.1)
        }
    }

    private func sum(_ bytes: [UInt8]) -> UInt32 { unsafe nt_crc32c(0, bytes, bytes.count) }
}
