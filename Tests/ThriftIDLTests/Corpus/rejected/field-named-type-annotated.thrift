# expect: expected the field's name, found '('
struct T { 1: i32 a }
struct S { 1: T (a = "b") t }
