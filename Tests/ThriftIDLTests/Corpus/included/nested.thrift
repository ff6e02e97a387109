include "shared.thrift"
struct Line { 1: shared.Point start, 2: shared.Point stop }
