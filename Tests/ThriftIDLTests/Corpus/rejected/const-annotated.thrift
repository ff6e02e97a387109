# expect: expected a definition, found '('
const i32 A = 1 (b = "c")
