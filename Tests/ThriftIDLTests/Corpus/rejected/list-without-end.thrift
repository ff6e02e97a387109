# expect: expected '>' after the type of the elements, found 'a'
struct S { 1: list<i32 a }
