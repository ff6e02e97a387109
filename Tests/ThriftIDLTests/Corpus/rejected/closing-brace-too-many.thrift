# expect: expected a definition, found '}'
struct S { 1: i32 a }}
