# expect: is a reserved word: expected another name
service S { void return() }
