const double A = 1.5e3
const double B = .5
const double C = -1E-3
const double D = 1e5
const double E = 7
