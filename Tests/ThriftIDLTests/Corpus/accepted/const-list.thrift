const list<i32> A = [1, 2; 3 4]
const list<i32> B = []
const list<list<string>> C = [["a"], []]
const list<double> D = [1, 2.5]
