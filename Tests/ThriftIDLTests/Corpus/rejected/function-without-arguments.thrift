# expect: expected '(' after the function's name, found '}'
service S { void f }
