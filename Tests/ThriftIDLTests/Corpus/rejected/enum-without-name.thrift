# expect: expected the enum's name, found '{'
enum { A }
