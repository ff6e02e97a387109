# expect: the struct 'Point' of the included
include "shared.thrift"
struct Point { 1: shared.Point p }
