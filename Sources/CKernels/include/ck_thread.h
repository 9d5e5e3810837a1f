// What the C library offers beyond the standard and Swift does not see.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

/// Names the calling thread for debuggers and `top -H`; at most 15 characters.
void ck_name_thread(const char *name);

/// Gives memory that was freed back to the system, where the C library holds on to it.
void ck_trim_memory(void);

#ifdef __cplusplus
}
#endif
