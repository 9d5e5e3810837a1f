#include "CClockState.h"

#include <sys/timex.h>

int edged_clock_is_synchronized(void)
{
    // No mode is set, so nothing is changed and no privilege is needed; a sandbox may refuse it all the same.
    struct timex state = {.modes = 0};
    if (adjtimex(&state) < 0) return -1;
    return (state.status & STA_UNSYNC) == 0;
}
