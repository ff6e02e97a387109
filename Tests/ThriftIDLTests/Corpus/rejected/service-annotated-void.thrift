# expect: expected the function's name, found '('
service S { void (a = "b") f() }
