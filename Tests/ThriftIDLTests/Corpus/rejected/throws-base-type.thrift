# expect: expected an exception, found 'i32'
service S { void f() throws (1: i32 a) }
