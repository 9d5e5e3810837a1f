#pragma once

/// Whether the kernel holds its wall clock for set by a time server: 1 yes, 0 no, -1 it does not tell.
///
/// Reads only.
int edged_clock_is_synchronized(void);
