// The firmware's unit tests, inside an image, on the board's own core.
#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

#include "board/mps2/crypto_memory.h"
#include "semihosting.h"

int main() {
  sceau::firmware::mps2::crypto_memory::start();
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();
  const char* arguments[] = {"unit", "-v"};
  const int failed = CommandLineTestRunner::RunAllTests(2, arguments);
  sceau::firmware::test::semihosting::exit(failed == 0);
}
