// What a client proves that it may use this person's token: the content of a file that only she reads.
#pragma once

#include <filesystem>

#include "sceau/base/random.h"
#include "sceau/base/secret.h"

namespace sceau::connect {

// The password in that file. Made, of 256 random bits, where there is none. refused: somebody else owns the
// file or may read it. unavailable: it cannot be written.
Result<Secret> password_file(const std::filesystem::path& file, Random& random);

}  // namespace sceau::connect
