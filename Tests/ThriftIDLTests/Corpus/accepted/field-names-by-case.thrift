struct S { 1: i32 name, 2: i32 Name }
