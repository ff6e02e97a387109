//! What a figure was measured on.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

struct MachineDescription: Sendable, Hashable, Codable {
    var processor: String
    var cores: Int
    var kernel: String
    var architecture: String
    /// The day, in UTC, as `2025-11-21`.
    var date: String

    /// - Parameter cores: how many we could use when we were started.
    static func current(cores: Int) -> MachineDescription {
        var name = utsname()
        unsafe uname(&name)
        var now = time(nil)
        var day = unsafe tm()
        unsafe gmtime_r(&now, &day)
        let twoDigits = { (number: Int32) in number < 10 ? "0\(number)" : "\(number)" }
        let (year, month, dayOfMonth) = unsafe (day.tm_year + 1_900, day.tm_mon + 1, day.tm_mday)
        return MachineDescription(
            processor: field("model name", ofFile: "/proc/cpuinfo") ?? "unknown processor",
            cores: cores,
            kernel: unsafe withUnsafeBytes(of: name.release) { unsafe text(of: $0) },
            architecture: unsafe withUnsafeBytes(of: name.machine) { unsafe text(of: $0) },
            date: "\(year)-\(twoDigits(month))-\(twoDigits(dayOfMonth))")
    }

    private static func text(of bytes: UnsafeRawBufferPointer) -> String {
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }

    var line: String { "\(processor), \(cores) cores, Linux \(kernel) (\(architecture)), \(date)" }
}
