include "namespaced.thrift"
namespace * here
struct Point { 1: namespaced.Point p }
