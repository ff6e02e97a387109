# expect: is a reserved word: expected another name
enum package { A }
