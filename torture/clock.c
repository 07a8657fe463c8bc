/*
 * When this library is preloaded, a test can set the wall clock of a process. The library reads one line from the file
 * named by CLOCK_CONTROL: `<milliseconds to add> <milliseconds since 1970 at which the clock stops, or 0>`. The
 * monotonic clock is unchanged.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int (*real_clock)(clockid_t, struct timespec *);

static void shift(struct timespec *time) {
  const char *control = getenv("CLOCK_CONTROL");
  char line[64];
  long long add = 0, still = 0;
  int file = control ? open(control, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  ssize_t length = read(file, line, sizeof line - 1);
  close(file);
  if (length <= 0) return;
  line[length] = 0;
  if (sscanf(line, "%lld %lld", &add, &still) != 2) return;
  long long ms = still ? still : (long long)time->tv_sec * 1000 + time->tv_nsec / 1000000 + add;
  time->tv_nsec = still ? (ms % 1000) * 1000000 : (ms % 1000) * 1000000 + time->tv_nsec % 1000000;
  time->tv_sec = ms / 1000;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!real_clock) real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  int result = real_clock(clock, time);
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) shift(time);
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
