struct S { i32 a, i32 b }
