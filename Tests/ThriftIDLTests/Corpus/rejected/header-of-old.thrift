# expect: 'cpp_namespace' is no longer supported: expected 'namespace cpp'
cpp_namespace a
