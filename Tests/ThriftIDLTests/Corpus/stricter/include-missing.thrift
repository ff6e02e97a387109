# Apache warns, and blames the types that are then missing.
# expect: 'nowhere.thrift' is not found; looked for
include "nowhere.thrift"
