//! A process that we started: pinned from its first instruction, in a group of its own so that Ctrl-C reaches only us,
//! and ended by its id, never by its name.
//!
//! Unsafe inside: argument vectors for posix_spawn, which copies them into the child before it returns.

// Two modules have `sigset_t`, this one through <sys/epoll.h>; which one it is the compiler decides.
internal import CIntrinsics

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#endif

final class ChildProcess {
    /// How long a process has between being asked to end and being killed.
    private static let shutdownMillisMax = 12_000

    let identifier: Int32
    private var hasEnded = false
    /// Whether it has ended by itself, with status 0.
    private(set) var hasSucceeded = false

    /// - Parameters:
    ///   - cores: where it may run; nil: where we may.
    ///   - output: the file that takes standard output and standard error.
    init(_ executable: String, _ arguments: [String], on cores: CoreSet?, output: String) throws {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        // Signals that our thread blocks or ignores would be blocked or ignored in the child, SIGTERM too.
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)

        var vector = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe vector.forEach { unsafe free($0) } }
        // A child inherits where its parent's thread may run.
        let own = CoreSet.current()
        cores?.apply()
        defer { own.apply() }
        var child: pid_t = 0
        let status = unsafe posix_spawnp(&child, executable, &actions, &attributes, &vector, environ)
        guard status == 0 else { throw SystemError(call: "start \(executable)", number: status) }
        identifier = child
    }

    deinit { stop() }

    var isRunning: Bool {
        if !hasEnded {
            var status: Int32 = 0
            let ended = unsafe waitpid(identifier, &status, WNOHANG)
            hasEnded = ended != 0
            hasSucceeded = ended == identifier && status == 0
        }
        return !hasEnded
    }

    func send(_ signal: Int32) {
        if isRunning { _ = kill(identifier, signal) }
    }

    /// Asks the process to end, and kills it if it does not.
    func stop() {
        send(SIGTERM)
        var waitedMillis = 0
        while isRunning, waitedMillis < Self.shutdownMillisMax {
            ThreadTime.sleep(milliseconds: 5)
            waitedMillis += 5
        }
        endAtOnce()
    }

    /// Kills the process; returns when it has ended.
    func endAtOnce() {
        guard isRunning else { return }
        send(SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(identifier, &status, 0)
        hasEnded = true
    }

    /// What a command prints, when it ends within some seconds; for asking versions.
    static func output(of executable: String, _ arguments: [String]) -> String? {
        guard let directory = try? TemporaryDirectory() else { return nil }
        let file = directory.path("output")
        guard let child = try? ChildProcess(executable, arguments, on: nil, output: file) else { return nil }
        for _ in 0..<1_000 where child.isRunning { ThreadTime.sleep(milliseconds: 5) }
        return child.isRunning ? nil : contents(ofFile: file)
    }

    /// Where `PATH` has an executable of this name; nil if nowhere.
    static func find(_ name: String) -> String? {
        if name.contains("/") { return unsafe access(name, X_OK) == 0 ? name : nil }
        guard let path = unsafe getenv("PATH") else { return nil }
        return unsafe String(cString: path).split(separator: ":").lazy
            .map { "\($0)/\(name)" }.first { unsafe access($0, X_OK) == 0 }
    }
}
