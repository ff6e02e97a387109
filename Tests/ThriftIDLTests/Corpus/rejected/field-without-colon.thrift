# expect: expected ':' after the field's id, found the keyword 'i32'
struct S { 1 i32 a }
