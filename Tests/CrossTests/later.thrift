/** What a client believes that was built from another version of the file: the same methods with other types. */

include "shared.thrift"
include "crosstest.thrift"

namespace cpp crosstest.later
namespace py crosstest.later
namespace swift CrossTest

/** Has a field more, and another less, than what it was made from. */
exception LaterRefusal {
  1: i32 code
  2: string message
  4: optional string advice
}

/** `Requiredness` without what it requires. */
struct Loose {
  6: optional i32 optionalNumber
}

service Later {
  /** The server reads this as a FirstRecord, and knows one argument only. */
  crosstest.SecondRecord readAsFirst(1: crosstest.SecondRecord record, 2: string hint)
  /** The server reads this as a SecondRecord. */
  crosstest.FirstRecord readAsSecond(1: crosstest.FirstRecord record)
  /** Declares one exception of three. */
  i32 decide(1: crosstest.Outcome outcome) throws (1: LaterRefusal refusal)
  /** Lacks what the server requires. */
  Loose echoRequiredness(1: Loose value)
  /** The server has no such method. */
  string notThere(1: string value)
}
