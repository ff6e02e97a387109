//! What `/debug` makes of texts: the allocator's account, and the parameters of a profile.

import NeedletailTelemetry
import Testing

@testable import StorageServer

@Suite struct AllocatorReportTests {
    @Test func arenasAndSizesAreTakenFromTheAccount() {
        let arenas = AllocatorReport.arenas(
            inAccount: """
                <malloc version="1">
                <heap nr="0">
                <sizes>
                  <size from="17" to="32" total="96" count="3"/>
                  <unsorted from="1009" to="2017" total="3026" count="2"/>
                </sizes>
                <total type="fast" count="3" size="96"/>
                <total type="rest" count="2" size="3026"/>
                <system type="current" size="135168"/>
                <system type="max" size="270336"/>
                </heap>
                <heap nr="1">
                <sizes>
                </sizes>
                <total type="fast" count="0" size="0"/>
                <system type="current" size="4096"/>
                </heap>
                <total type="rest" count="9" size="99999"/>
                <system type="current" size="139264"/>
                </malloc>
                """)
        #expect(
            arenas == [
                .init(
                    arena: 0, systemBytes: 135_168, freeBytes: 3_122,
                    free: [
                        .init(from: 17, to: 32, count: 3, bytes: 96),
                        .init(from: 1_009, to: 2_017, count: 2, bytes: 3_026),
                    ]),
                .init(arena: 1, systemBytes: 4_096, freeBytes: 0, free: []),
            ])
    }

    @Test(.enabled(if: AllocatorFigures.sample().usedBytes > 1 << 20, "a sanitizer's allocator says nothing of itself"))
    func theAllocatorsFiguresOfThisProcessAddUp() {
        let report = AllocatorReport.read()
        #expect(report.usedBytes > 0)
        #expect(report.arenas.contains { $0.systemBytes > 0 && $0.freeBytes <= $0.systemBytes })
    }
}

@Suite struct ProfileQueryTests {
    @Test func parametersHaveDefaults() throws {
        let query = try ProfileQuery { _ in nil }
        #expect(query.seconds == 5)
        #expect(query.hertz == 99)
        #expect(query.format == .svg)
    }

    @Test(arguments: [("seconds", "0"), ("seconds", "61"), ("hz", "1000"), ("hz", "a"), ("format", "png")])
    func whatIsOutOfBoundsIsRefusedByName(_ name: String, _ value: String) {
        let refusal = #expect(throws: ProfileQuery.Refused.self) { try ProfileQuery { $0 == name ? value : nil } }
        #expect(refusal?.reason.hasPrefix(name) == true)
        #expect(refusal?.reason.contains("'\(value)'") == true)
    }
}
