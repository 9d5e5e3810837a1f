#include "CKernels.h"
typedef int edged_kernels_placeholder;
