include "nested.thrift"
struct S { 1: nested.Line line }
