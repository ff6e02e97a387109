# Apache 0.17 reads on for ever and takes all memory: not to be run.
# expect: this comment has no end: expected '*/'
struct S { 1: i32 a }
/* and so on
