# expect: the exception 'X' is defined only below, at line 3: expected it before its use
service S { void f() throws (1: X x) }
exception X { 1: i32 a }
