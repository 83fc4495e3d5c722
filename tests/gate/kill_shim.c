/* Preloaded into a gate: kills it at the n-th time that it changes a file or makes it durable.
 *
 *   SCEAU_KILL_AT     n, from 1; 0 or absent: never
 *   SCEAU_KILL_HOW    before, after, or torn (half of a write's bytes, then the end)
 *   SCEAU_KILL_COUNT  a file that gets one byte for every call counted, s (made durable) or w (changed), so
 * that a whole run can be measured Counted: write, pwrite, pwrite64, fsync, fdatasync and ftruncate (and
 * their 64-bit names) on regular files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

typedef ssize_t (*write_function)(int, const void*, size_t);
typedef ssize_t (*pwrite_function)(int, const void*, size_t, off_t);
typedef int (*sync_function)(int);
typedef int (*truncate_function)(int, off_t);

static atomic_long calls;

static int is_file(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/* True when this very call is the one. */
static int is_the_one(int descriptor, const char* kind) {
  if (!is_file(descriptor)) return 0;
  const long call = atomic_fetch_add(&calls, 1) + 1;
  const char* counted = getenv("SCEAU_KILL_COUNT");
  if (counted != NULL) {
    write_function next = (write_function)dlsym(RTLD_NEXT, "write");
    const int file = open(counted, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    (void)!next(file, kind, 1);
    close(file);
  }
  const char* at = getenv("SCEAU_KILL_AT");
  return at != NULL && atol(at) == call;
}

static const char* how(void) {
  const char* text = getenv("SCEAU_KILL_HOW");
  return text == NULL ? "before" : text;
}

static void end(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* Whether the call happens at all, in part, or whole, before the end. */
#define AROUND(kind, whole, half)              \
  do {                                         \
    if (is_the_one(descriptor, kind)) {        \
      if (strcmp(how(), "after") == 0) {       \
        (void)!(whole);                        \
      } else if (strcmp(how(), "torn") == 0) { \
        (void)!(half);                         \
      }                                        \
      end();                                   \
    }                                          \
    return whole;                              \
  } while (0)

ssize_t write(int descriptor, const void* bytes, size_t size) {
  write_function next = (write_function)dlsym(RTLD_NEXT, "write");
  AROUND("w", next(descriptor, bytes, size), next(descriptor, bytes, size / 2));
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  pwrite_function next = (pwrite_function)dlsym(RTLD_NEXT, "pwrite");
  AROUND("w", next(descriptor, bytes, size, offset), next(descriptor, bytes, size / 2, offset));
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off_t offset) {
  pwrite_function next = (pwrite_function)dlsym(RTLD_NEXT, "pwrite64");
  AROUND("w", next(descriptor, bytes, size, offset), next(descriptor, bytes, size / 2, offset));
}

int fsync(int descriptor) {
  sync_function next = (sync_function)dlsym(RTLD_NEXT, "fsync");
  AROUND("s", next(descriptor), 0);
}

int fdatasync(int descriptor) {
  sync_function next = (sync_function)dlsym(RTLD_NEXT, "fdatasync");
  AROUND("s", next(descriptor), 0);
}

int ftruncate(int descriptor, off_t size) {
  truncate_function next = (truncate_function)dlsym(RTLD_NEXT, "ftruncate");
  AROUND("w", next(descriptor, size), 0);
}

int ftruncate64(int descriptor, off_t size) {
  truncate_function next = (truncate_function)dlsym(RTLD_NEXT, "ftruncate64");
  AROUND("w", next(descriptor, size), 0);
}
