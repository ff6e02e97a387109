# Apache 0.17 crashes.
# expect: these files include each other in a circle: stricter/include-circle.thrift → stricter/include-circle.thrift
include "include-circle.thrift"
