// Everything is inline in the header; a C target wants one source file.
#include "CIntrinsics.h"
