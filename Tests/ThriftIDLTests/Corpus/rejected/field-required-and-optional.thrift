# expect: expected the field's type, found the keyword 'optional'
struct S { 1: required optional i32 a }
