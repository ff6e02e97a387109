enum E { A, B = 5, C D; E = 0x10 }
