#include "sceau/gate/auditors.h"

#include <algorithm>

#include "sceau/base/files.h"
#include "sceau/pki/sealed.h"

namespace sceau::gate {
namespace {

constexpr std::size_t kCertificateLimit = 65536;  // bytes

}  // namespace

Result<std::vector<std::filesystem::path>> auditor_files(const Home& home) {
  const std::filesystem::path folder = home.file("auditors");
  std::vector<std::filesystem::path> files;
  std::error_code problem;
  if (!std::filesystem::exists(folder, problem) && !problem) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, problem)) {
    if (entry.path().extension() == ".pem") files.push_back(entry.path());
  }
  if (problem)
    return Error{ErrorKind::unavailable,
                 "reading " + folder.string() + ": its files cannot be listed: give it to the gate's user"};
  std::sort(files.begin(), files.end());
  return files;
}

Result<pki::Certificate> read_auditor(const std::filesystem::path& file) {
  const std::string doing = "reading the auditor's certificate " + file.string();
  auto pem = read_file(file, kCertificateLimit);
  if (!pem) return pem.error().within(doing);
  auto certificate = pki::Certificate::from_pem(as_text(*pem));
  if (!certificate) return Error{ErrorKind::invalid, doing + ": " + certificate.error().message};
  if (auto fit = pki::check_reader(*certificate); !fit)
    return Error{ErrorKind::invalid, doing + ": " + fit.error().message};
  return certificate;
}

}  // namespace sceau::gate
