struct Tree { 1: list<Tree> children, 2: optional Tree parent }
