// The commands that make acts. The gate's refusals name the act that is missing, which is what every client
// of it has in common; people at this one need the command.
#pragma once

#include <string>

namespace sceau::tool {

// `line` with the command behind each "with ACT": "… with role.grant ('sceau role grant')".
std::string with_commands(std::string line);

}  // namespace sceau::tool
