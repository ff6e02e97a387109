# expect: duplicate function 'f': the first is at line 2
service S { void f(), void f() }
