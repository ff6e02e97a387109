typedef list<i32> (kind = "x") L (other = "y", flag)
