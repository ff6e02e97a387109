# expect: is a reserved word: expected another name
service S { void f(1: i32 from) }
