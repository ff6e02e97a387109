# expect: expected the field's name, found '}'
struct S { 1: i32 }
