enum E { A (x = "1"), B = 3 (y) } (z = "2")
