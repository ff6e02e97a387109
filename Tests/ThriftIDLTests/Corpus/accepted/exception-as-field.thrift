exception X { 1: i32 a }
struct S { 1: X x }
