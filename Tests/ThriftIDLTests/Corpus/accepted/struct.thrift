struct S { 1: i32 a, 2: required i32 b; 3: optional i32 c 4: i32 d }
