// Runs an aggregate: its groups are held until it is known which of their values may be shown.
#pragma once

#include "delivery.h"
#include "detail.h"

namespace sceau::release {

// Fails as run() does; with refused as well when the answer has more than kMostCells values.
Status run_groups(const Plan& plan, source::Snapshot& snapshot, const Order& order, Delivery& delivery,
                  Outcome& outcome);

}  // namespace sceau::release
