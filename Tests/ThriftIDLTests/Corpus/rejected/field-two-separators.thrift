# expect: expected the field's type, found ','
struct S { 1: i32 a,, 2: i32 b }
