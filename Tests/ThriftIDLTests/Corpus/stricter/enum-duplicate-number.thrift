# thriftgo refuses it: a number has one name.
# expect: 'B' has the number 1, which 'A' has
enum E { A = 1, B = 1 }
