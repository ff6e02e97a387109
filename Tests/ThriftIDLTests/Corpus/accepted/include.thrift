include "shared.thrift"
struct S { 1: shared.Point p, 2: shared.UserID id, 3: shared.Color c }
