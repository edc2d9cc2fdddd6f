// The functions of the header are written in Swift, in Sources/ApusC.
#include "apus.h"
