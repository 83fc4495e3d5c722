// Writes the host's and the firmware's table of statement types from schema.json.
// Usage: sceau-generate-statement-tables SCHEMA HOST_CPP FIRMWARE_H
#include <cstdio>
#include <fstream>

#include "tables.h"

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: sceau-generate-statement-tables SCHEMA HOST_CPP FIRMWARE_H\n", stderr);
    return 2;
  }
  try {
    std::ifstream in(arguments[1]);
    const auto types = sceau::tables::read_types(in);
    sceau::tables::write_host(types, arguments[2]);
    sceau::tables::write_firmware(types, arguments[3]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s: correct the schema\n", arguments[1], error.what());
    return 1;
  }
  return 0;
}
