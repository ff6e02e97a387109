# expect: 'a.b' has a dot
struct S { 1: i32 a.b }
