# expect: expected an annotation's name, found the keyword 'list'
struct S { 1: i32 a (list = "x") }
