# expect: expected the type of the elements, found the keyword 'void'
struct S { 1: list<void> a }
