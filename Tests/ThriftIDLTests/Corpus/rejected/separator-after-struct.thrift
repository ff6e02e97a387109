# expect: expected a definition, found ';' (only constants and typedefs may end with a separator)
struct S { 1: i32 a };
