# expect: unknown type 'Nothing'
service S { Nothing f() }
