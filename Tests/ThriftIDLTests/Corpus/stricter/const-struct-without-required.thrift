# Apache leaves the required field as it is.
# expect: expected the required field 'x' of P
struct P { 1: required i32 x }
const P A = {}
