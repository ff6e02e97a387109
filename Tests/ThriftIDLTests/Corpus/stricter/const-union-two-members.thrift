# Apache sets both.
# expect: expected the value of one member of the union U, found 2
union U { 1: i32 a, 2: i32 b }
const U A = {"a": 1, "b": 2}
