struct S { -5: i32 a }
