/*
 * When this library is preloaded into a process, it makes real I/O faults: a chosen call of SQLite on a chosen file
 * fails. The file named by FAILIO_CONTROL contains one line:
 *
 *     <call> <file name's end> <n> <errno> <mode> <once|always>
 *
 * call   write | sync | truncate | statfs (for a folder: in every mode, the folder has no free space)
 * n      the fault happens at the n-th call of this kind after the line was written
 * mode   fail        the call does nothing and fails
 *        half        half of the bytes are written, then the call fails
 *        done        the call succeeds, but is reported as failed
 *        lose        for sync only: all writes since the last sync are erased, as a failing disk may do
 *        kill        the process is killed before the call
 *        done-kill   the call succeeds, then the process is killed
 *        slow        the call takes SLOW_MS longer
 *
 * If the file is missing, no fault is made. Each fault appends a line to <control>.made, so that a test can see it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { SLOW_MS = 300 };

struct rule {
  char call[16], end[64], error[16], mode[16], span[16];
  long n;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct timespec written; /* when the current line of the control file was written */
static long calls;
static off64_t unsynced_from = -1, unsynced_to; /* the part of the WAL that was written since its last sync */

static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off64_t);
static int (*real_statfs)(const char *, struct statfs64 *);

__attribute__((constructor)) static void find(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_statfs = dlsym(RTLD_NEXT, "statfs64");
}

static int ends_with(const char *text, const char *end) {
  size_t a = strlen(text), b = strlen(end);
  return a >= b && strcmp(text + a - b, end) == 0;
}

/*
 * Returns whether the descriptor's file is the ledger or its copy, a -wal or -shm file of one of these, or a spool
 * file.
 */
static int is_ours(int fd, char *path, size_t size) {
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strstr(path, "/ledger.db") != NULL || strstr(path, "/copy.db") != NULL || strstr(path, "/spool/") != NULL;
}

/* Only one thread writes to the WAL, so no lock is needed. */
static void note_write(int fd, size_t size, off64_t at) {
  char path[512];
  if (at < 0 || !is_ours(fd, path, sizeof path) || !ends_with(path, "-wal")) return;
  if (unsynced_from < 0 || at < unsynced_from) unsynced_from = at;
  if (at + (off64_t)size > unsynced_to) unsynced_to = at + (off64_t)size;
}

static void note_sync(int fd) {
  char path[512];
  if (!is_ours(fd, path, sizeof path) || !ends_with(path, "-wal")) return;
  unsynced_from = -1;
  unsynced_to = 0;
}

static void lose(int fd) {
  static const char zeros[4096];
  for (off64_t at = unsynced_from; at >= 0 && at < unsynced_to;) {
    size_t size = unsynced_to - at < (off64_t)sizeof zeros ? (size_t)(unsynced_to - at) : sizeof zeros;
    if (real_pwrite(fd, zeros, size, at) < 0) abort();
    at += (off64_t)size;
  }
}

/* Returns true if this call on this file must fail. Then `rule` describes how it must fail. */
static int armed(const char *call, const char *path, struct rule *rule) {
  const char *control = getenv("FAILIO_CONTROL");
  char line[256];
  if (!control || !real_write) return 0;
  int file = open(control, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  struct stat stat;
  ssize_t length = fstat(file, &stat) == 0 ? read(file, line, sizeof line - 1) : -1;
  close(file);
  if (length <= 0) return 0;
  line[length] = 0;
  if (sscanf(line, "%15s %63s %ld %15s %15s %15s", rule->call, rule->end, &rule->n, rule->error, rule->mode, rule->span) != 6)
    return 0;
  if (strcmp(rule->call, call) != 0 || !ends_with(path, rule->end)) return 0;

  pthread_mutex_lock(&lock);
  if (memcmp(&written, &stat.st_mtim, sizeof written) != 0) {
    written = stat.st_mtim;
    calls = 0;
  }
  calls++;
  int hit = strcmp(rule->span, "always") == 0 ? calls >= rule->n : calls == rule->n;
  pthread_mutex_unlock(&lock);
  if (!hit) return 0;

  char made[512];
  snprintf(made, sizeof made, "%s.made", control);
  int log = open(made, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log >= 0) {
    real_write(log, line, (size_t)length);
    close(log);
  }
  return 1;
}

static int chosen(const char *call, int fd, struct rule *rule) {
  char path[512];
  return is_ours(fd, path, sizeof path) && armed(call, path, rule);
}

static int is(const struct rule *rule, const char *mode) { return strcmp(rule->mode, mode) == 0; }

static void before(const struct rule *rule) {
  if (is(rule, "kill")) kill(getpid(), SIGKILL);
  if (is(rule, "slow")) usleep(SLOW_MS * 1000);
}

static int does(const struct rule *rule) { return is(rule, "done") || is(rule, "done-kill") || is(rule, "slow"); }

/* Ends a call whose real result is `result`. Returns the value that the caller gets. */
static ssize_t after(const struct rule *rule, ssize_t result) {
  if (is(rule, "slow")) return result;
  if (is(rule, "done-kill")) kill(getpid(), SIGKILL);
  errno = strcmp(rule->error, "ENOSPC") == 0 ? ENOSPC : EIO;
  return -1;
}

static ssize_t write_at(int fd, const void *bytes, size_t size, off64_t at) {
  note_write(fd, size, at);
  struct rule rule;
  if (!chosen("write", fd, &rule)) return at < 0 ? real_write(fd, bytes, size) : real_pwrite(fd, bytes, size, at);
  before(&rule);
  size_t part = does(&rule) ? size : is(&rule, "half") ? size / 2 : 0;
  ssize_t done = part == 0 ? 0 : at < 0 ? real_write(fd, bytes, part) : real_pwrite(fd, bytes, part, at);
  return after(&rule, done);
}

ssize_t write(int fd, const void *bytes, size_t size) {
  if (!real_write) find();
  return write_at(fd, bytes, size, -1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) { return write_at(fd, bytes, size, at); }
ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at) { return write_at(fd, bytes, size, at); }

static int sync_by(int (*real)(int), int fd) {
  struct rule rule;
  int hit = chosen("sync", fd, &rule);
  if (hit) before(&rule);
  if (hit && is(&rule, "lose")) lose(fd);
  int result = !hit || does(&rule) ? real(fd) : 0;
  note_sync(fd);
  return hit ? (int)after(&rule, result) : result;
}

int fsync(int fd) { return sync_by(real_fsync, fd); }
int fdatasync(int fd) { return sync_by(real_fdatasync, fd); }

int ftruncate64(int fd, off64_t size) {
  struct rule rule;
  if (!chosen("truncate", fd, &rule)) return real_ftruncate(fd, size);
  before(&rule);
  return (int)after(&rule, does(&rule) ? real_ftruncate(fd, size) : 0);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int statfs64(const char *path, struct statfs64 *stat) {
  struct rule rule;
  int result = real_statfs(path, stat);
  if (result == 0 && armed("statfs", path, &rule)) stat->f_bavail = 0;
  return result;
}

/* On systems with 64-bit file sizes, both names mean the same structure. */
int statfs(const char *path, struct statfs *stat) { return statfs64(path, (struct statfs64 *)stat); }
