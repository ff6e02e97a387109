# expect: expected '{' after the struct's name, found '('
struct S (a = "b") { 1: i32 a }
