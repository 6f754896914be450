#include "partsched.h"
PARTSCHED_MAIN
