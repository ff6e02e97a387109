# expect: expected the field's type, found the keyword 'void'
struct S { 1: void a }
