# expect: is a reserved word: expected another name
exception X { 1: i32 a }
service S { void f() throws (1: X catch) }
