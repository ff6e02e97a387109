service S { void f() throws () }
