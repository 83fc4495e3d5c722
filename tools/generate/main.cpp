// sceau-generate: a warehouse shaped like the SNDS, of any size, for demonstrations, tests and benchmarks.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "sceau/base/files.h"
#include "tables.h"
#include "warehouse.h"

namespace {

int fail(const sceau::Error& error) {
  std::fprintf(stderr, "sceau-generate: %s\n", error.message.c_str());
  return 1;
}

int generate(const std::string& file, const std::string& catalogue, const sceau::generate::Size& size) {
  if (!catalogue.empty()) {
    auto written = sceau::write_file(catalogue, sceau::as_bytes(sceau::generate::catalogue()));
    if (!written) return fail(written.error());
  }
  if (file.empty()) return 0;
  const bool terminal = isatty(STDERR_FILENO) != 0;
  auto written = sceau::generate::write_warehouse(file, size, [&](int percent) {
    if (terminal) std::fprintf(stderr, "\rmaking %s: %d %%", file.c_str(), percent);
  });
  if (terminal) std::fputs("\r\033[K", stderr);
  return written ? 0 : fail(written.error());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Makes a SQLite database shaped like the SNDS, with invented people and valid NIRs, and its "
      "catalogue.");
  sceau::generate::Size size;
  std::string file;
  std::string catalogue;
  app.add_option("--out", file, "the database to make; it must not exist");
  app.add_option("--catalogue", catalogue, "where to write the catalogue (TOML)");
  app.add_option("--people", size.people, "how many people")->capture_default_str();
  app.add_option("--rows-per-person", size.rows_per_person, "care records a person, on average")
      ->capture_default_str();
  app.add_option("--months", size.months, "months of care, from January 2022")->capture_default_str();
  app.add_option("--seed", size.seed, "the same seed and sizes give the same content")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  if (file.empty() && catalogue.empty()) {
    std::fputs("sceau-generate: nothing to make: name --out, --catalogue or both\n", stderr);
    return 1;
  }
  return generate(file, catalogue, size);
}
