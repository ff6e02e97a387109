# expect: 'b' has the id 1, which 'a' has
struct S { 1: i32 a, 1: i32 b }
