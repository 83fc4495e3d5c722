// The command `sceau connect`.
#pragma once

#include "cli.h"
#include "workplace.h"

namespace sceau::connect {

void add_connect_commands(tool::Command& root, tool::Workplace& place);

}  // namespace sceau::connect
