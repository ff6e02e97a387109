/// Of the compiler; the same as the service's.
let thriftGenVersion = "0.1.0"
