#define _GNU_SOURCE
#include "ck_thread.h"

#include <malloc.h>
#include <pthread.h>

void ck_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

void ck_trim_memory(void) { malloc_trim(0); }
