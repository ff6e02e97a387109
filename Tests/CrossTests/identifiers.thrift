/** The cross-test with `uuid`, for the peers whose compiler and library know it; Debian's compiler (0.17) does not. */

include "crosstest.thrift"

namespace py crosstest.identifiers
namespace swift CrossTest

struct Identified {
  1: uuid id
  2: optional uuid parent
  3: list<uuid> children
  4: map<uuid, string> names
  5: set<uuid> seen
}

service Identifiers extends crosstest.CrossTest {
  uuid echoUUID(1: uuid value)
  Identified echoIdentified(1: Identified value)
}
