import StorageServer
import Testing

@Suite("Sizes and durations")
struct ConfigurationUnitsTests {
    @Test(
        "a size is a number and a binary or decimal unit",
        arguments: [
            ("0", 0), ("1", 1), ("4096", 4_096), ("12B", 12), ("1KiB", 1_024), ("64KiB", 65_536),
            ("16MiB", 16_777_216), ("1GiB", 1_073_741_824), ("2TiB", 2_199_023_255_552), ("1kB", 1_000),
            ("3MB", 3_000_000), ("1GB", 1_000_000_000), ("1TB", 1_000_000_000_000), ("007", 7),
        ])
    func size(text: String, bytes: Int) throws {
        #expect(try SizeUnits.bytes(text) == bytes)
    }

    @Test(
        "what tools do not agree on, and what is no size, is refused",
        arguments: [
            "", "KiB", "-1", "+1", "1.5GiB", "64 KiB", "64kib", "64k", "64mb", "1KB", "1e3", "0x10", "1_000", " 1",
        ])
    func malformedSize(text: String) {
        #expect(throws: UnitFault.malformed) { try SizeUnits.bytes(text) }
    }

    @Test("a size beyond 64 bits overflows", arguments: ["9223372036854775808", "9007199254740992KiB", "8388608TiB"])
    func largeSize(text: String) {
        #expect(throws: UnitFault.overflow) { try SizeUnits.bytes(text) }
    }

    @Test(
        "a duration is a number and a unit",
        arguments: [
            ("0", 0), ("0s", 0), ("1ms", 1), ("500ms", 500), ("10s", 10_000), ("1m", 60_000), ("90s", 90_000),
            ("1h", 3_600_000), ("2d", 172_800_000),
        ] as [(String, Int64)])
    func duration(text: String, millis: Int64) throws {
        #expect(try DurationUnits.millis(text) == millis)
    }

    @Test(
        "what is no duration is refused", arguments: ["", "s", "-1s", "1.5s", "10 s", "10S", "1h30m", "10sec", "1us"])
    func malformedDuration(text: String) {
        #expect(throws: UnitFault.malformed) { try DurationUnits.millis(text) }
    }

    @Test("a duration without a unit is told apart")
    func missingUnit() {
        #expect(throws: UnitFault.missingUnit) { try DurationUnits.millis("10") }
    }

    @Test("a duration beyond 64 bits overflows", arguments: ["9223372036854775808ms", "9223372036854775807d"])
    func longDuration(text: String) {
        #expect(throws: UnitFault.overflow) { try DurationUnits.millis(text) }
    }

    @Test("what is written reads back as the same number")
    func roundTrip() throws {
        for bytes in [0, 1, 1_000, 1_023, 1_024, 1_536, 65_536, 1 << 20, 3 << 30, 1 << 46, .max] {
            #expect(try SizeUnits.bytes(SizeUnits.text(bytes: bytes)) == bytes)
        }
        for millis in [0, 1, 999, 1_000, 1_500, 60_000, 61_000, 3_600_000, 86_400_000, 90_000_000, .max] as [Int64] {
            #expect(try DurationUnits.millis(DurationUnits.text(millis: millis)) == millis)
        }
    }

    @Test("the largest unit that loses nothing is written")
    func written() {
        #expect(SizeUnits.text(bytes: 16 << 20) == "16MiB")
        #expect(SizeUnits.text(bytes: 1_500) == "1500")
        #expect(DurationUnits.text(millis: 10_000) == "10s")
        #expect(DurationUnits.text(millis: 90_000) == "90s")
        #expect(DurationUnits.text(millis: 60_000) == "1m")
    }

    @Test(
        "cores have up to three decimals, and are written with as few as lose nothing",
        arguments: [
            ("0", 0, "0"), ("2", 2_000, "2"), ("0.5", 500, "0.5"), ("1.25", 1_250, "1.25"), ("0.001", 1, "0.001"),
            ("3.0", 3_000, "3"), ("10.050", 10_050, "10.05"),
        ])
    func cores(text: String, milliCores: Int, written: String) throws {
        #expect(try CoreUnits.milliCores(text) == milliCores)
        #expect(CoreUnits.text(milliCores: milliCores) == written)
    }

    @Test(
        "what is no number of cores is refused",
        arguments: ["", ".5", "1.", "-1", "1,5", "0.0001", "1.5m", "500m", "1e1", " 1", "1.\u{0665}", "1.2.3"])
    func malformedCores(text: String) {
        #expect(throws: UnitFault.malformed) { try CoreUnits.milliCores(text) }
    }

    @Test("cores beyond 64 bits overflow", arguments: ["9223372036854775807", "9223372036854775808"])
    func manyCores(text: String) {
        #expect(throws: UnitFault.overflow) { try CoreUnits.milliCores(text) }
    }
}
