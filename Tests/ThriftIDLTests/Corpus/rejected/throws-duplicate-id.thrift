# expect: 'y' has the id 1, which 'x' has
exception X { 1: i32 a }
service S { void f() throws (1: X x, 1: X y) }
