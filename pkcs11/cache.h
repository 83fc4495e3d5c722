// Public contents of cards, kept between processes: one file a card in the user's cache folder, mode 0600.
//
// A file is named after serial number and CHUID together, so that another card in the same reader, or a card
// initialised anew, never gets it. Nothing private is ever in it, and what it says is only where to look:
// a key still signs only on the card. A file that cannot be read, or was not made here, counts as absent.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "contents.h"

namespace sceau::pkcs11 {

class Cache {
 public:
  explicit Cache(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // $XDG_CACHE_HOME/sceau/pkcs11, else ~/.cache/sceau/pkcs11; nothing when neither is an absolute path.
  static std::optional<std::filesystem::path> user_folder();

  std::optional<Contents> load(const std::string& serial, ByteView chuid) const;
  // A cache that cannot be written is no failure: the next process asks the card.
  void store(const std::string& serial, ByteView chuid, const Contents& contents) const;

 private:
  [[nodiscard]] std::filesystem::path file_of(const std::string& serial, ByteView chuid) const;
  std::filesystem::path folder_;
};

}  // namespace sceau::pkcs11
