internal import Logging

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

/// A connection is a file descriptor, and most shells allow 1,024 of them: at the limit new connections hang without a word.
enum FileDescriptorLimit {
    /// Descriptors for everything that is no client: listeners, event loops, the admin port, log lines.
    private static let reserve = 64

    /// Raises the process's limit as far as it may, and warns if that is too little for `connections`.
    static func raise(forConnections connections: Int, _ logger: Logger) {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        if limit.rlim_cur < UInt(connections + reserve) {
            logger.warning(
                "rpc.maxConnections is more than the process may have open files; raise `ulimit -n`",
                metadata: ["maxConnections": "\(connections)", "openFilesMax": "\(limit.rlim_cur)"])
        }
    }
}
