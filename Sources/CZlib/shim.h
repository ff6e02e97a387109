/// zlib as the system has it (`zlib1g-dev`): for THeader's transform.
#ifndef NEEDLETAIL_CZLIB_H
#define NEEDLETAIL_CZLIB_H

#include <zlib.h>

#endif
