# thriftgo refuses it, Apache warns: there is no answer.
# expect: the oneway function 'f' returns a value: expected 'void'
service S { oneway i32 f() }
