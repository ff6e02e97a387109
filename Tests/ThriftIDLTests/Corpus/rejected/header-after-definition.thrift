# expect: 'namespace' is found after a definition, at line 2: expected it before the first
struct S { 1: i32 a }
namespace cpp a
