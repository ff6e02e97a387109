# expect: '.' has no meaning here
struct S { 1: a. b }
