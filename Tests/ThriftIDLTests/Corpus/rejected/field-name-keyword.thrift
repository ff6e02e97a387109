# expect: expected the field's name, found the keyword 'list'
struct S { 1: i32 list }
