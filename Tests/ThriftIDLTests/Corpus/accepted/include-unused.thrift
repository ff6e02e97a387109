include "shared.thrift"
