include "shared.thrift"
service S extends shared.Base { void f() throws (1: shared.Refused refused) }
