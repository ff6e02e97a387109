struct S { 5: i32 a, 1: i32 b, 3: i32 c }
