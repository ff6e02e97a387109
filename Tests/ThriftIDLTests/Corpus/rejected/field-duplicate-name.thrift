# expect: duplicate field 'a': the first is at line 2
struct S { 1: i32 a, 2: i32 a }
