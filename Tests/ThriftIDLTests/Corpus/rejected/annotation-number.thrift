# expect: expected the annotation's value, in quotes, found the number 1
struct S { 1: i32 a (b = 1) }
