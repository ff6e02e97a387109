/**
 * Needletail's `History` service: everything that happened to one owner, read by time range.
 *
 * A service on top of `Storage`'s engine, on the same port and through the same protocols: what storage.thrift says of
 * deadlines, durability, errors and MessagePack-RPC holds here, too. Method names are unique across both services, so a
 * plain call finds its service; a multiplexed name (`History:getDataByRange`) works as well.
 *
 * How it is kept
 *   All events of an owner in one period (`history.period`, default one hour; period = timestamp / length, rounded down)
 *   are one stored value, compressed. A write reads, changes and writes back the periods that it concerns, each by
 *   compare-and-set with bounded retries; a read fetches all periods of its range at once, under its deadline.
 *   - Not atomic across periods: a write that fails halfway has effect UNKNOWN. Not idempotent: repeating one adds its
 *     events again.
 *   - A period's value expires as a whole, at the later of its old and its new expiry.
 *   - A period whose value would grow over `limits.maxValueSize` refuses the write: INVALID_ARGUMENT.
 */

include "storage.thrift"

namespace * needletail.history
namespace cpp needletail.history
namespace java needletail.history
namespace go needletail.history
namespace py needletail.history
namespace swift StorageAPI
namespace netstd Needletail.History
namespace rb Needletail.History
namespace rs needletail.history

/** Something that happened. */
struct Event {
  /** When: milliseconds since 1970, UTC; may be negative. */
  1: required i64 timestampMillis,
  /** What: any bytes. */
  2: required binary data,
}

/** Asks to add events to an owner's history. */
struct SetDataRequest {
  /** Whose history, 1 to 4,000 bytes. */
  1: required binary owner (vt.min_size = "1", vt.max_size = "4000"),
  /** What to add, in any order; may be empty. */
  2: required list<Event> events,
  /** Milliseconds until the periods concerned expire, at least 1; an expiry that is already later stays. Absent: never. */
  3: optional i64 ttlMillis (vt.gt = "0"),
  /** How well the write is to be kept before it is answered. Absent: as configured. */
  4: optional storage.Durability durability (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional storage.RequestContext context,
}

/** What a setData did. */
struct SetDataResponse {
  /** How many events were added: all of the request's. */
  1: required i32 written,
  /** The level that was reached; absent if there was nothing to add. */
  2: optional storage.Durability durability,
}

/** Asks for an owner's events in a range of time. */
struct GetDataByRangeRequest {
  /** Whose history, 1 to 4,000 bytes. */
  1: required binary owner (vt.min_size = "1", vt.max_size = "4000"),
  /** The first moment, milliseconds since 1970. */
  2: required i64 fromMillis,
  /** The moment after the last one. At or before `fromMillis`: an empty, complete answer. */
  3: required i64 toMillis,
  /** At most this many events, at least 1: the earliest, or with `newestFirst` the latest. Absent: all. */
  4: optional i32 limit (vt.ge = "1"),
  /** Whether to answer the latest first. Absent: false. */
  5: optional bool newestFirst,
  /** What to do at the deadline. Absent: CANCEL. */
  6: optional storage.ReadPolicy policy (vt.defined_only = "true"),
  /** The caller and its deadline. */
  255: optional storage.RequestContext context,
}

/** An owner's events in a range of time. */
struct GetDataByRangeResponse {
  /** The events in order of time; those of one moment in the order in which they were added (`newestFirst`: reversed). */
  1: required list<Event> events,
  /** Whether all periods of the range were read. */
  2: required bool complete,
  /** The starts, in milliseconds since 1970, of the periods that were not read in time. Absent if there are none. */
  3: optional list<i64> missingPeriods,
}

/** What happened to one owner, by time. */
service History {
  /**
   * Adds events to an owner's history.
   *
   * Durability and deadline as for `Storage.put`, for each period.
   */
  SetDataResponse setData(1: SetDataRequest request) throws (1: storage.StorageError error),

  /**
   * Reads an owner's events from `fromMillis` up to, but not including, `toMillis`.
   *
   * A range of more periods than `limits.maxKeysPerRequest`: INVALID_ARGUMENT. At the deadline CANCEL answers the periods
   * that were read and names the others; WAIT fails with DEADLINE_EXCEEDED.
   */
  GetDataByRangeResponse getDataByRange(1: GetDataByRangeRequest request)
    throws (1: storage.StorageError error) (readonly = "true"),
}
