#pragma once
#include <stddef.h>

/// True where freed heap memory is overwritten in this process: a program that has this target linked in.
///
/// Nothing has to be called: `free` and `realloc` are taken over by the linker. Calling this keeps the object in the program.
int edged_heap_is_wiped(void);

/// Forbids core dumps of this process and reading of its memory by others of the same user.
///
/// Returns 0, or the `errno` of what failed; both are tried.
int edged_forbid_core_dumps(void);
