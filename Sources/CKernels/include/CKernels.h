#pragma once
#include "ck_match.h"
#include "ck_convert.h"
#include "ck_sha256.h"
#include "ck_resize.h"
#include "ck_face.h"
#include "ck_thread.h"
#include "ck_digest.h"
