# expect: expected an exception, found 'X'
struct X { 1: i32 a }
service S { void f() throws (1: X x) }
