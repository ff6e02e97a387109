//! What Redis has no command for runs as a script on the node: named by its digest, sent itself where the node does not
//! know it yet.

internal import NIOCore

struct Script: Sendable {
    private let source: String
    private let digest: String

    private init(_ source: String) {
        self.source = source
        digest = SHA1.hexDigest(of: Array(source.utf8))
    }

    /// Begins the command that runs it; `keys` keys and `arguments` arguments have to follow.
    func begin(_ commands: inout CommandWriter, isSource: Bool, keys: Int, arguments: Int) {
        commands.begin(words: 3 + keys + arguments)
        if isSource {
            commands.word("EVAL" as StaticString)
            commands.word(source)
        } else {
            commands.word("EVALSHA" as StaticString)
            commands.word(digest)
        }
        commands.word(Int64(keys))
    }

    /// Sets a key if it still is as it was seen. Arguments: whether it was there (`0`, `1`), what it was, the new
    /// value, when that expires (`0`: never). 1 if it was set.
    static let compareAndSwap = Script(
        """
        local now = redis.call('GET', KEYS[1])
        if ARGV[1] == '0' then
          if now then return 0 end
        elseif now ~= ARGV[2] then
          return 0
        end
        if ARGV[4] == '0' then
          redis.call('SET', KEYS[1], ARGV[3])
        else
          redis.call('SET', KEYS[1], ARGV[3], 'PXAT', ARGV[4])
        end
        return 1
        """)

    /// Adds to a key. Arguments: by how much, from what where it is missing, when it expires then (empty: as before,
    /// `0`: never). The new value as text, because a script's numbers have 53 bits; a number with a second text is
    /// refused.
    static let increment = Script(
        """
        local before = redis.call('GET', KEYS[1])
        if not before then redis.call('SET', KEYS[1], ARGV[2]) end
        local after = redis.pcall('INCRBY', KEYS[1], ARGV[1])
        if type(after) == 'table' then
          if not before then redis.call('DEL', KEYS[1]) end
          return after
        end
        if ARGV[3] == '0' then
          redis.call('PERSIST', KEYS[1])
        elseif ARGV[3] ~= '' then
          redis.call('PEXPIREAT', KEYS[1], ARGV[3])
        end
        return redis.call('GET', KEYS[1]) or ''
        """)

    /// Sets many keys at once. Arguments: for each key its value and when it expires (`0`: never). Their number.
    static let setAll = Script(
        """
        for i = 1, #KEYS do
          if ARGV[2 * i] == '0' then
            redis.call('SET', KEYS[i], ARGV[2 * i - 1])
          else
            redis.call('SET', KEYS[i], ARGV[2 * i - 1], 'PXAT', ARGV[2 * i])
          end
        end
        return #KEYS
        """)
}
