# Apache looks for the dot only where no number is given.
# expect: 'A.B' has a dot
enum E { A.B = 1 }
