enum E { A, B = 7 }
typedef E F
const E X = E.A
const E Y = 7
const F Z = F.B
const i32 N = E.B
const map<E, i32> M = {E.A: 1, E.B: 2}
