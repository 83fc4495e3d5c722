// What the firmware's generated table says, from a unit that is compiled as the firmware is.
#pragma once

#include <cstddef>

extern "C" {
std::size_t firmware_type_count();
const char* firmware_type_name(std::size_t index, std::size_t* length);
// A number over every field below a type: kinds, bounds, names and choices.
unsigned long firmware_type_sum(std::size_t index);
}
