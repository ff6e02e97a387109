# expect: unknown exception 'X'
service S { void f() throws (1: X x) }
