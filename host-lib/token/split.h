// Shamir's secret sharing over GF(256), through libgfshare.
#pragma once

#include <vector>

#include "sceau/token/escrow.h"

namespace sceau::token {

// `count` shares, indices 1 to count, each as long as the secret; any `threshold` of them give it back.
// internal: libgfshare had no memory.
Result<std::vector<Secret>> split_secret(const Secret& secret, int threshold, int count, Random& random);

// Shares of one length with different indices; wrong ones give a wrong secret, not an error.
Result<Secret> join_shares(const std::vector<OpenedShare>& shares);

}  // namespace sceau::token
