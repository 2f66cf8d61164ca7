/*
 * Functions that invite overflows or silent conversions. Using one does not compile.
 */
#ifndef INLAY_BASE_BANNED_H
#define INLAY_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison atoi atol atoll atof strtok gmtime localtime ctime asctime
#pragma GCC poison rand srand drand48 alloca tmpnam mktemp

#endif
