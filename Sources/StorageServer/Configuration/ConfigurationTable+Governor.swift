extension ConfigurationTable {
    static let governor = ConfigurationSection(
        "governor",
        "Staying below the memory limit: buffers are kept back from 70%, writes refused from 85%.",
        [
            .init(
                "governor.enabled", .boolean, default: .boolean(true),
                "Whether anything is. If not, the kernel kills the process at the limit."),
            .init(
                "governor.memoryLimit", .sizeBytes(1 << 20...1 << 46), default: .sizeBytes(0),
                zeroMeans: "the container's limit, or the machine's memory",
                "The memory that the process may use, at most. The container's limit counts in any case."),
        ])
}
