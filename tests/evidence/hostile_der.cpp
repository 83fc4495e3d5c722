#include "hostile_der.h"

#include <cstdlib>

#include "sceau/base/files.h"

namespace sceau::test {

std::vector<std::pair<std::string, Bytes>> spoilt(const Bytes& whole) {
  const ByteView content = ByteView(whole).subspan(4);
  Bytes longer = whole;
  longer.push_back(0);
  Bytes huge = whole;
  huge[1] = 0x84;
  Bytes indefinite{0x30, 0x80};
  append(indefinite, content);
  append(indefinite, Bytes{0, 0});
  Bytes zero{0x30, 0x83, 0x00};
  append(zero, ByteView(whole).subspan(2));
  return {{"empty", {}},
          {"trailing-byte", longer},
          {"cut-by-a-byte", Bytes(whole.begin(), whole.end() - 1)},
          {"huge-length", huge},
          {"indefinite-length", indefinite},
          {"length-with-leading-zero", zero}};
}

void write_hostile_der(const VectorCast& cast, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  const auto request = *pki::make_csr(spki_of(cast.key), {"Alice", "alice", ""}, signer_of(cast.key));
  const std::pair<std::string, Bytes> kinds[] = {
      {"certificate", cast.alices.der()}, {"crl", cast.trust.crls()[0].der()}, {"csr", request}};
  for (const auto& [kind, whole] : kinds) {
    const auto save = [&folder, &name = kind](const std::string& what, const Bytes& bytes) {
      if (!write_file(folder / (name + "-" + what + ".der"), bytes)) std::abort();
    };
    for (const auto& [what, bytes] : spoilt(whole)) save(what, bytes);
    save("cut-early", Bytes(whole.begin(), whole.begin() + 20));
    Bytes twice = whole;
    append(twice, whole);
    save("twice", twice);
    save("wrong-kind", kind == "crl" ? kinds[0].second : kinds[1].second);
  }
}

}  // namespace sceau::test
