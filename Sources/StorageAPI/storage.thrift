/**
 * Needletail's `Storage` service: keys and values under deadlines.
 *
 * This file is the reference of the API. The same service is reached through Thrift (strict and unstrict binary,
 * compact; framed, unframed, THeader, TTHeader) and through MessagePack-RPC, all on one port.
 *
 * Sizes and counts
 *   - A key has 1 to 4,096 bytes. Any bytes: keys are not text.
 *   - A value has 0 to `limits.maxValueSize` bytes (default 16 MiB). An empty value is a value, not a missing one.
 *   - A call names at most `limits.maxKeysPerRequest` keys (default 10,000).
 *   - A message has at most `limits.maxFrameSize` bytes (default 64 MiB).
 *   What breaks one of the first three is refused with INVALID_ARGUMENT, and nothing was done. The same goes for what
 *   breaks a rule that stands behind a field below (`vt.min_size = "1"`): the server checks them before anything else.
 *
 * Time
 *   - Durations are whole milliseconds, relative to when the server has read the request. There are no absolute times,
 *     so clocks need not agree.
 *   - An entry whose time to live has run out is missing, for every method, from that moment on.
 *   - A time to live of 0 or less is refused with INVALID_ARGUMENT. An absent one is described at each method.
 *
 * Deadlines
 *   Each call has a budget: `RequestContext.timeoutMillis`, or the timeout in a THeader or TTHeader; where both are
 *   given, the smaller. It runs from the arrival of the request. Absent or 0: `limits.defaultTimeout` (10 s). More than
 *   `limits.maxTimeout` (60 s) counts as that. Negative: INVALID_ARGUMENT.
 *   - Run out before work began: DEADLINE_EXCEEDED with NOT_EXECUTED, for every method and policy.
 *   - Run out later: `multiGet` follows its `ReadPolicy`; `get` answers DEADLINE_EXCEEDED.
 *   - A write that has reached its durability answers its result, even if that is late. One that still waits for its
 *     sync answers DEADLINE_EXCEEDED with UNKNOWN: it may become durable all the same.
 *
 * Durability
 *   A write may ask for a level (`Durability`), and its answer reports the level that was reached. A write that asks for
 *   nothing gets the configured level (`log.durability`), else the best one that the engine has. A level that the
 *   engine lacks is refused: UNSUPPORTED with NOT_EXECUTED. A read may see a write that is not yet synced.
 *
 * Versions
 *   Every change of an entry, `touch` included, gives it a new version: a number above 0 that only grows, across all
 *   keys and across restarts. Use it for compare-and-set (`ifVersion`). The distributed engine keeps values raw and has
 *   no versions: there `version` is absent, and `ifVersion`, `withVersions` and `atomic` over several slots are
 *   UNSUPPORTED.
 *
 * Errors
 *   Every method but `ping` may throw `StorageError`. Two things are Thrift application exceptions instead: arguments
 *   that cannot be decoded or lack a required field (7, PROTOCOL_ERROR), and an unknown method (1, UNKNOWN_METHOD). In
 *   MessagePack-RPC these are a StorageError with INVALID_ARGUMENT.
 *
 * MessagePack-RPC
 *   `[0, msgid, method, [request]]` is answered by `[1, msgid, error, result]`. A request is a map keyed by the names
 *   or by the numbers of the fields below; the first key decides which of the two all maps of the result are keyed by
 *   (names where the request is empty). Nil means absent, unknown keys are skipped, of equal keys the last one wins.
 *   A `binary` may be sent as bin or str and is answered as bin; enums are integers. `ping` takes no parameter: `[]`.
 *   An error is StorageError as a map, always keyed by names. `[2, method, [request]]`, like a Thrift ONEWAY message,
 *   is executed and not answered. `[2, "$cancel", [msgid]]` cancels that call of the same connection.
 */

namespace * needletail.storage
namespace cpp needletail.storage
namespace java needletail.storage
namespace go needletail.storage
namespace py needletail.storage
namespace swift StorageAPI
namespace netstd Needletail.Storage
namespace rb Needletail.Storage
namespace rs needletail.storage

/** What `multiGet` does when its deadline comes before all keys are read. */
enum ReadPolicy {
  /** Cancel what is unfinished and answer with what there is; each key has its own status. The default. */
  CANCEL = 1,
  /** Await everything; if the deadline comes first, the whole call fails with DEADLINE_EXCEEDED. */
  WAIT = 2,
}

/** What became of one key of a call over many keys. Sent as one byte per key, in `statuses`. */
enum KeyStatus {
  /** The key is there and its value is in the answer. */
  FOUND = 1,
  /** The key is not there, or has expired. */
  MISSING = 2,
  /** The deadline came before this key was read. */
  DEADLINE_EXCEEDED = 3,
  /** The part of the store that holds this key failed, or had no memory for it. */
  FAILED = 4,
  /** The server had too much to do to work on this key. */
  SHED = 5,
  /** The answer had reached `limits.maxResponseSize`: ask for this key again, with fewer others. */
  TOO_LARGE = 6,
  /** The entry was written. */
  STORED = 7,
}

/** How well a write is kept once it is answered. Each level includes those before it. */
enum Durability {
  /** Applied in memory. Lost if the process ends. */
  MEMORY = 1,
  /** Handed to the operating system. Survives the end of the process, not that of the machine. */
  LOGGED = 2,
  /** On disk. Survives the end of the machine. */
  SYNCED = 3,
  /** On replicas. */
  REPLICATED = 4,
}

/** Whether a `put` may create or replace. */
enum Condition {
  /** Write in any case. The default. */
  ALWAYS = 1,
  /** Write only if the key is missing (or expired). */
  IF_ABSENT = 2,
  /** Write only if the key is there. */
  IF_PRESENT = 3,
}

/** Why a call failed. */
enum ErrorCode {
  /** The request breaks a rule of this page; repeating it will not help. */
  INVALID_ARGUMENT = 1,
  /** The budget of the call ran out. */
  DEADLINE_EXCEEDED = 2,
  /** The server has too much to do. Carries `retryAfterMillis`. */
  OVERLOADED = 3,
  /** The memory limit is reached and nothing may be evicted. */
  OUT_OF_MEMORY = 4,
  /** The log has failed or its disk is full: reads go on, writes are refused. */
  READ_ONLY = 5,
  /**
   * The server cannot do this now: it is still loading (NOT_EXECUTED, with `retryAfterMillis`), or its log failed while
   * this write was under way (UNKNOWN).
   */
  UNAVAILABLE = 6,
  /** Who is calling is not known. */
  UNAUTHENTICATED = 7,
  /** Who is calling may not do this. */
  PERMISSION_DENIED = 8,
  /** `increment` of a value that is not a decimal 64-bit integer. */
  NOT_AN_INTEGER = 9,
  /** The engine cannot do this at all: a durability level, versions, an atomic batch. */
  UNSUPPORTED = 10,
  /** A fault of the server's own. */
  INTERNAL = 11,
  /** The caller cancelled the call. */
  CANCELLED = 12,
}

/** Whether a call that failed has changed anything. */
enum Effect {
  /** Nothing was changed: the call may be repeated. */
  NOT_EXECUTED = 1,
  /** The change was made. */
  EXECUTED = 2,
  /** The change may or may not have been made. */
  UNKNOWN = 3,
}

/** Why a call failed, and what that means for its effect. */
exception StorageError {
  /** The kind of failure, for programs. */
  1: required ErrorCode code,
  /** What was wrong, for people; names the limit, field or value concerned. Not to be parsed. */
  2: required string message,
  /** Whether anything was changed. */
  3: required Effect effect,
  /** Milliseconds to wait before the call is worth repeating. */
  4: optional i32 retryAfterMillis,
}

/** Where a call comes from and how long it may take. Every field may be absent. */
struct RequestContext {
  /** The calling service's name. */
  1: optional string fromService,
  /** The calling service's cluster. */
  2: optional string fromCluster,
  /** The name under which the caller knows this service. */
  3: optional string toService,
  /** The cluster that the caller meant to reach. */
  4: optional string toCluster,
  /** Names the user's request across services, for logs. */
  5: optional string logID,
  /**
   * The budget of the call in milliseconds, from its arrival at the server. Absent or 0: `limits.defaultTimeout` (10 s);
   * at most `limits.maxTimeout` (60 s), larger ones count as that; negative: INVALID_ARGUMENT.
   */
  6: optional i32 timeoutMillis (vt.ge = "0"),
  /** Anything that the caller wants carried along. */
  7: optional map<string, string> baggage,
}

/** Asks for one value. */
struct GetRequest {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** One value, if it is there. */
struct GetResponse {
  /** The value, possibly empty; absent if the key is missing. */
  1: optional binary value,
  /** The entry's version; absent if the key is missing or the engine has no versions. */
  2: optional i64 version,
  /** Milliseconds until the entry expires, at least 1; absent if it never does, or if the key is missing. */
  3: optional i64 ttlMillis,
}

/** Asks to store one value. */
struct PutRequest {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** The value, 0 to `limits.maxValueSize` bytes. */
  2: required binary value,
  /** Milliseconds until the entry expires, at least 1. Absent: never; an expiry that the entry had is cleared. */
  3: optional i64 ttlMillis (vt.gt = "0"),
  /** Whether the key must be missing or present. Absent: ALWAYS. Must hold together with `ifVersion`. */
  4: optional Condition condition (vt.defined_only = "true"),
  /** The version that the entry must have, for compare-and-set; fails if the key is missing. 0: it must be missing. */
  5: optional i64 ifVersion,
  /** How well the write is to be kept before it is answered. Absent: as configured. */
  6: optional Durability durability (vt.defined_only = "true"),
  /** Whether to answer the value that was there before. Absent: false. */
  7: optional bool returnPrevious,
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What a put did. */
struct PutResponse {
  /** Whether `condition` and `ifVersion` held and the value was stored. */
  1: required bool applied,
  /** The entry's version: the new one if applied; else the one it has, absent if the key is missing. */
  2: optional i64 version,
  /** The level that was reached; absent if not applied. */
  3: optional Durability durability,
  /** The value before this call, applied or not; present if it was asked for and there was one. */
  4: optional binary previous,
}

/** Asks to remove one key. */
struct RemoveRequest {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** The version that the entry must have. 0 means "must be missing", so that nothing is removed. Absent: any. */
  2: optional i64 ifVersion,
  /** How well the removal is to be kept before it is answered. Absent: as configured. */
  3: optional Durability durability (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What a remove did. */
struct RemoveResponse {
  /** Whether the key was there, with the version asked for, and is now gone. */
  1: required bool removed,
  /** The level that was reached; absent if nothing was removed. */
  2: optional Durability durability,
}

/** Asks for many values. */
struct MultiGetRequest {
  /**
   * The keys, each 1 to 4,096 bytes, at most `limits.maxKeysPerRequest`. May be empty, may hold duplicates. One bad key
   * refuses the whole call.
   */
  1: required list<binary> keys (vt.elem.min_size = "1", vt.elem.max_size = "4096"),
  /** What to do at the deadline. Absent: CANCEL. */
  2: optional ReadPolicy policy (vt.defined_only = "true"),
  /** Whether to answer `versions`. Absent: false. */
  3: optional bool withVersions,
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** Many values. All lists are in the order of the request's keys and have one element for each of them. */
struct MultiGetResponse {
  /**
   * The values; empty where the status is not FOUND (an empty value that is FOUND is empty, too: `statuses` tells). In
   * MessagePack-RPC nil where the status is not FOUND.
   */
  1: required list<binary> values,
  /** One byte for each key: a `KeyStatus`. */
  2: required binary statuses,
  /** The versions, 0 where the status is not FOUND. Present only if `withVersions` was set. */
  3: optional list<i64> versions,
  /** Whether every status is FOUND or MISSING: nothing was cut off by time, size or a fault. */
  4: required bool complete,
}

/** One entry to store. */
struct Entry {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** The value, 0 to `limits.maxValueSize` bytes. */
  2: required binary value,
  /** Milliseconds until the entry expires, at least 1. Absent: never. */
  3: optional i64 ttlMillis (vt.gt = "0"),
}

/** Asks to store many values. */
struct MultiPutRequest {
  /**
   * The entries, at most `limits.maxKeysPerRequest`, applied in order: of equal keys the last wins. May be empty. One bad
   * key, value or time to live refuses the whole call.
   */
  1: required list<Entry> entries,
  /** How well the writes are to be kept before they are answered. Absent: as configured. */
  2: optional Durability durability (vt.defined_only = "true"),
  /** Whether all entries are stored or none, also across a crash. All get one version. Absent: false. */
  3: optional bool atomic,
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What a multiPut did. */
struct MultiPutResponse {
  /** One byte for each entry, in order: `KeyStatus` STORED, or why not. Duplicates are all STORED. */
  1: required binary statuses,
  /** The level that was reached; absent if nothing was stored. */
  2: optional Durability durability,
}

/** Asks to remove many keys. */
struct MultiRemoveRequest {
  /** The keys, each 1 to 4,096 bytes, at most `limits.maxKeysPerRequest`. May be empty. One bad key refuses the call. */
  1: required list<binary> keys (vt.elem.min_size = "1", vt.elem.max_size = "4096"),
  /** How well the removals are to be kept before they are answered. Absent: as configured. */
  2: optional Durability durability (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What a multiRemove did. */
struct MultiRemoveResponse {
  /** How many entries were there and are now gone; a key that is named twice counts once. */
  1: required i32 removed,
  /** The level that was reached; absent if nothing was removed. */
  2: optional Durability durability,
}

/** Asks to add to a number. */
struct IncrementRequest {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** What to add; may be negative or 0. */
  2: required i64 delta,
  /** What a missing key counts as before `delta` is added. Absent: 0. Ignored if the key is there. */
  3: optional i64 initial,
  /** Milliseconds until the entry expires, at least 1. Absent: an expiry that the entry has stays. */
  4: optional i64 ttlMillis (vt.gt = "0"),
  /** How well the write is to be kept before it is answered. Absent: as configured. */
  5: optional Durability durability (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What an increment did. */
struct IncrementResponse {
  /** The sum, which is now stored. */
  1: required i64 value,
  /** The entry's new version; absent where the engine has no versions. */
  2: optional i64 version,
  /** The level that was reached. */
  3: optional Durability durability,
}

/** Asks to change when an entry expires. */
struct TouchRequest {
  /** The key, 1 to 4,096 bytes. */
  1: required binary key (vt.min_size = "1", vt.max_size = "4096"),
  /** Milliseconds until the entry expires, at least 1. Absent: it never expires. */
  2: optional i64 ttlMillis (vt.gt = "0"),
  /** How well the change is to be kept before it is answered. Absent: as configured. */
  3: optional Durability durability (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional RequestContext context,
}

/** What a touch did. */
struct TouchResponse {
  /** Whether the key was there. */
  1: required bool found,
  /** The level that was reached; absent if the key was missing. */
  2: optional Durability durability,
}

/** Asks for one page of a walk over the keys. */
struct ScanRequest {
  /** The `cursor` of the page before. Absent: begin. Bytes that no scan of this server answered: INVALID_ARGUMENT. */
  1: optional binary cursor,
  /** Only keys that begin with these bytes; give the same with every page. Absent or empty: all keys. */
  2: optional binary prefix,
  /** At most this many entries in the page, 1 to 10,000. Absent: 100. */
  3: optional i32 limit (vt.ge = "1", vt.le = "10000"),
  /** Whether to leave the values out. Absent: false. */
  4: optional bool keysOnly,
  /** The caller and its deadline, of this page. */
  255: optional RequestContext context,
}

/** One entry that a scan met. */
struct ScannedEntry {
  /** The key. */
  1: required binary key,
  /** The value, possibly empty; absent with `keysOnly`. */
  2: optional binary value,
  /** The entry's version; absent where the engine has no versions. */
  3: optional i64 version,
}

/** One page of a walk over the keys. */
struct ScanResponse {
  /** The entries, in no order. May be empty although the walk goes on. */
  1: required list<ScannedEntry> entries,
  /** What to ask for the next page with; absent at the end. Opaque. */
  2: optional binary cursor,
}

/** Keys and values, under deadlines. */
service Storage {
  /** Answers "pong": the connection and the server's event loop work. Takes no deadline and throws nothing. */
  string ping() (readonly = "true"),

  /**
   * Reads one value.
   *
   * A missing key is an answer without `value`, not an error. Past its deadline: DEADLINE_EXCEEDED, never a part.
   */
  GetResponse get(1: GetRequest request) throws (1: StorageError error) (readonly = "true"),

  /**
   * Stores one value if `condition` and `ifVersion` both hold; `applied` tells.
   *
   * Not applied is an answer, not an error: `version` is then the present one, if the key is there. Without `ttlMillis`
   * the entry never expires, whatever it did before. Answers when the durability asked for is reached, even past the
   * deadline; DEADLINE_EXCEEDED with UNKNOWN while it still waits for its sync.
   */
  PutResponse put(1: PutRequest request) throws (1: StorageError error),

  /**
   * Removes one key, if it is there and `ifVersion` holds; `removed` tells.
   *
   * Durability and deadline as for `put`.
   */
  RemoveResponse remove(1: RemoveRequest request) throws (1: StorageError error),

  /**
   * Reads many values at once; each key has a status of its own.
   *
   * Every position is answered, duplicates too. No snapshot: two keys may be seen at two moments. At the deadline CANCEL
   * answers what there is, with DEADLINE_EXCEEDED as the status of the rest; WAIT fails with the error
   * DEADLINE_EXCEEDED. An answer stops at `limits.maxResponseSize` (by default the frame limit): keys beyond it are
   * TOO_LARGE. Look at `complete` first; where it is false, at `statuses`.
   */
  MultiGetResponse multiGet(1: MultiGetRequest request) throws (1: StorageError error) (readonly = "true"),

  /**
   * Stores many values, in order, each of them unconditionally.
   *
   * Without `atomic` each entry stands for itself. With it all are stored under one version or none is, also across a
   * crash. Durability and deadline as for `put`, for the whole call.
   */
  MultiPutResponse multiPut(1: MultiPutRequest request) throws (1: StorageError error),

  /**
   * Removes many keys; answers how many there were.
   *
   * Durability and deadline as for `put`, for the whole call.
   */
  MultiRemoveResponse multiRemove(1: MultiRemoveRequest request) throws (1: StorageError error),

  /**
   * Adds `delta` to the number under a key, in one step; a missing key counts as `initial`, else 0.
   *
   * Numbers are stored as decimal ASCII, so that `get` reads and `put` writes them: `0` or `-?[1-9][0-9]*`, within 64
   * bits. Any other value: NOT_AN_INTEGER. A sum outside 64 bits: INVALID_ARGUMENT. In both cases nothing changes.
   * Not idempotent: after an error with effect UNKNOWN it may have been added. Durability and deadline as for `put`.
   */
  IncrementResponse increment(1: IncrementRequest request) throws (1: StorageError error),

  /**
   * Changes when an entry expires, and with that its version, but not its value; `found` tells if it was there.
   *
   * Durability and deadline as for `put`.
   */
  TouchResponse touch(1: TouchRequest request) throws (1: StorageError error),

  /**
   * Walks over the keys, page by page: begin without a cursor, go on with the cursor answered, end when there is none.
   *
   * In no order. A key that is there from the first page to the last is answered at least once; one that comes or goes
   * meanwhile, or a second time, may be. A page ends at `limit` entries or at `limits.maxResponseSize`, whichever comes
   * first; it may be empty and still carry a cursor. Each page has its own deadline.
   */
  ScanResponse scan(1: ScanRequest request) throws (1: StorageError error) (readonly = "true"),
}
