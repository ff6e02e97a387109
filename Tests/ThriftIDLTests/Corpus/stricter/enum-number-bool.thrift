# Apache reads true as 1 everywhere.
# expect: expected the number of 'A', found the keyword 'true'
enum E { A = true }
