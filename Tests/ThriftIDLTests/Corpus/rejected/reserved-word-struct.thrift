# expect: is a reserved word: expected another name
struct delete { 1: i32 a }
