const set<string> A = ["a", "b"]
