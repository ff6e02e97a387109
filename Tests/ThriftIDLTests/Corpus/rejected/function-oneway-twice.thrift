# expect: expected 'void', found the keyword 'oneway'
service S { oneway oneway void f() }
