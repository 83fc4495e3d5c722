// What CppUTest and newlib want of a platform, on a board without an operating system: memory between the end
// of the image's data and the end of RAM, and semihosting for words.
#include <csetjmp>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <CppUTest/TestHarness.h>

#include <CppUTest/PlatformSpecificFunctions.h>

#include "semihosting.h"

using namespace sceau::firmware::test;  // NOLINT(google-build-using-namespace)

extern "C" {
extern char link_heap_begin, link_heap_end;  // from the linker script

void* _sbrk(std::ptrdiff_t more) {
  static char* end = &link_heap_begin;
  if (more > &link_heap_end - end) return reinterpret_cast<void*>(-1);
  char* const begin = end;
  end += more;
  return begin;
}
[[noreturn]] void _exit(int code) { semihosting::exit(code == 0); }
int _kill(int, int) { return -1; }
int _getpid() { return 1; }
int _write(int, const char*, int size) { return size; }
int _read(int, char*, int) { return 0; }
int _close(int) { return -1; }
int _fstat(int, void*) { return -1; }
int _isatty(int) { return 1; }
int _lseek(int, int, int) { return 0; }
void* __dso_handle = nullptr;
void _init() {}
void _fini() {}
}

namespace {

std::jmp_buf jumps[10];
int jump = 0;

int set_jump(void (*function)(void*), void* data) {
  if (setjmp(jumps[jump]) != 0) return 0;
  ++jump;
  function(data);
  --jump;
  return 1;
}
void long_jump() {
  --jump;
  longjmp(jumps[jump], 1);
}
void restore_jump() { --jump; }

long milliseconds() { return 0; }
const char* time_string() { return ""; }
int put(int character) {
  const char text[] = {static_cast<char>(character), 0};
  semihosting::print(text);
  return character;
}
double magnitude(double number) { return number < 0 ? -number : number; }
int is_nan(double number) { return number != number ? 1 : 0; }  // NOLINT: the definition
int is_infinite(double) { return 0; }
int at_exit(void (*)()) { return 0; }
PlatformSpecificFile no_file(const char*, const char*) { return nullptr; }
void put_words(const char* text, PlatformSpecificFile) { semihosting::print(text); }
void close_file(PlatformSpecificFile) {}
void flush() {}
void seed(unsigned number) { std::srand(number); }
PlatformSpecificMutex make_mutex() { return nullptr; }
void use_mutex(PlatformSpecificMutex) {}

void run_in_process(UtestShell* shell, TestPlugin*, TestResult* result) {
  result->addFailure(TestFailure(shell, "there are no processes on a board"));
}
int no_fork() { return -1; }
int no_wait(int, int*, int) { return -1; }

}  // namespace

TestOutput::WorkingEnvironment PlatformSpecificGetWorkingEnvironment() { return TestOutput::eclipse; }
void (*PlatformSpecificRunTestInASeperateProcess)(UtestShell*, TestPlugin*, TestResult*) = run_in_process;
int (*PlatformSpecificFork)() = no_fork;
int (*PlatformSpecificWaitPid)(int, int*, int) = no_wait;

extern "C" {
int (*PlatformSpecificSetJmp)(void (*)(void*), void*) = set_jump;
void (*PlatformSpecificLongJmp)() = long_jump;
void (*PlatformSpecificRestoreJumpBuffer)() = restore_jump;
long (*GetPlatformSpecificTimeInMillis)() = milliseconds;
const char* (*GetPlatformSpecificTimeString)() = time_string;
int (*PlatformSpecificVSNprintf)(char*, size_t, const char*, va_list) = vsnprintf;
double (*PlatformSpecificFabs)(double) = magnitude;
int (*PlatformSpecificIsNan)(double) = is_nan;
int (*PlatformSpecificIsInf)(double) = is_infinite;
int (*PlatformSpecificAtExit)(void (*)()) = at_exit;
PlatformSpecificFile (*PlatformSpecificFOpen)(const char*, const char*) = no_file;
void (*PlatformSpecificFPuts)(const char*, PlatformSpecificFile) = put_words;
void (*PlatformSpecificFClose)(PlatformSpecificFile) = close_file;
int (*PlatformSpecificPutchar)(int) = put;
void (*PlatformSpecificFlush)() = flush;
void (*PlatformSpecificSrand)(unsigned) = seed;
int (*PlatformSpecificRand)() = std::rand;
void* (*PlatformSpecificMalloc)(size_t) = std::malloc;
void* (*PlatformSpecificRealloc)(void*, size_t) = std::realloc;
void (*PlatformSpecificFree)(void*) = std::free;
void* (*PlatformSpecificMemCpy)(void*, const void*, size_t) = std::memcpy;
void* (*PlatformSpecificMemset)(void*, int, size_t) = std::memset;
PlatformSpecificMutex (*PlatformSpecificMutexCreate)() = make_mutex;
void (*PlatformSpecificMutexLock)(PlatformSpecificMutex) = use_mutex;
void (*PlatformSpecificMutexUnlock)(PlatformSpecificMutex) = use_mutex;
void (*PlatformSpecificMutexDestroy)(PlatformSpecificMutex) = use_mutex;
void (*PlatformSpecificAbort)() = std::abort;
}
