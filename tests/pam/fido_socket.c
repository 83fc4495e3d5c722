/* For other people's programs over libfido2, which open hidraw alone: a key on a simulator's Unix socket,
 * named by SCEAU_FIDO2, is the one device of this machine. Loaded with LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fido.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void* open_socket(const char* path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int* file = malloc(sizeof *file);
  if (file == NULL || strlen(path) >= sizeof address.sun_path) return NULL;
  strcpy(address.sun_path, path);
  *file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(*file, (struct sockaddr*)&address, sizeof address) == 0) return file;
  close(*file);
  free(file);
  return NULL;
}

static void close_socket(void* handle) {
  close(*(int*)handle);
  free(handle);
}

static int read_socket(void* handle, unsigned char* buffer, size_t size, int wait) {
  size_t have = 0;
  while (have < size) {
    struct pollfd ready = {*(int*)handle, POLLIN, 0};
    ssize_t got = poll(&ready, 1, wait) == 1 ? recv(*(int*)handle, buffer + have, size - have, 0) : -1;
    if (got <= 0) return -1;
    have += (size_t)got;
  }
  return (int)size;
}

/* The first byte is hidraw's report number. */
static int write_socket(void* handle, const unsigned char* buffer, size_t size) {
  return send(*(int*)handle, buffer + 1, size - 1, MSG_NOSIGNAL) == (ssize_t)size - 1 ? (int)size : -1;
}

static const fido_dev_io_t io = {open_socket, close_socket, read_socket, write_socket};

int fido_dev_open(fido_dev_t* device, const char* path) {
  int (*real)(fido_dev_t*, const char*) = NULL;
  *(void**)&real = dlsym(RTLD_NEXT, "fido_dev_open");
  fido_dev_set_io_functions(device, &io);
  return real(device, path);
}

int fido_dev_info_manifest(fido_dev_info_t* list, size_t size, size_t* found) {
  const char* path = getenv("SCEAU_FIDO2");
  *found = 0;
  if (path == NULL || size == 0) return FIDO_OK;
  *found = 1;
  return fido_dev_info_set(list, 0, path, "Sceau", "simulated key", &io, NULL);
}
