// The one main of every CppUTest executable.
#include <CppUTest/CommandLineTestRunner.h>
#include <CppUTest/MemoryLeakWarningPlugin.h>

int main(int argc, char** argv) {
  MemoryLeakWarningPlugin::turnOffNewDeleteOverloads();  // AddressSanitizer watches memory instead
  return CommandLineTestRunner::RunAllTests(argc, argv);
}
