# expect: expected the function's name, found '('
service S { f() }
