# expect: expected the struct's name, found '{'
struct { 1: i32 a }
