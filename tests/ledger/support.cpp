#include "support.h"

#include <sqlite3.h>

#include <fstream>
#include <numeric>
#include <sstream>

#include "sceau/base/files.h"

namespace sceau::ledger::test {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "sceau-ledger-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) FAIL("cannot make a folder");
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

NoteSigner signer(std::uint8_t first, NoteKeyType type, const char* name) {
  Bytes seed(32);
  std::iota(seed.begin(), seed.end(), first);
  return take(NoteSigner::from_seed(name, Secret(std::move(seed)), type));
}

Entry entry(std::uint64_t number, std::size_t size) {
  SeededRandom random(number);
  Opening opening;
  opening.salt = random.array<32>();
  opening.statement.resize(size);
  random.fill(opening.statement);
  opening.evidence = to_bytes("evidence " + std::to_string(number));
  opening.verdict = to_bytes("admitted");
  return take(make_entry(1763800000 + static_cast<Time>(number), "extraction.request", std::move(opening)));
}

std::vector<Entry> entries(std::uint64_t first, std::uint64_t count) {
  std::vector<Entry> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(entry(first + i));
  return out;
}

std::string vector_text(const std::string& name) {
  return to_text(take(read_file(std::filesystem::path(SCEAU_TEST_VECTORS) / "ledger" / name)));
}

std::vector<std::vector<std::string>> vector_rows(const std::string& name) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream text(vector_text(name));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    rows.emplace_back();
    for (std::string word; words >> word;) rows.back().push_back(word);
  }
  return rows;
}

std::string vector_line(const std::string& name) {
  const std::string text = vector_text(name);
  return text.substr(0, text.find('\n'));
}

Digest digest(const std::string& hex) { return take(digest_from_hex(hex)); }

void write_quickly(const std::filesystem::path& path, ByteView bytes) {
  std::ofstream file(path, std::ios::binary);
  file << as_text(bytes);
  file.close();
  if (!file) FAIL("cannot write a file");
}

void tamper(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  int result = sqlite3_open(path.c_str(), &database);
  if (result == SQLITE_OK) result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string message = result == SQLITE_OK ? "" : sqlite3_errmsg(database);
  sqlite3_close(database);
  if (result != SQLITE_OK) FAIL(message.c_str());
}

}  // namespace sceau::ledger::test
