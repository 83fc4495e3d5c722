// toml++, for texts that anybody may have written. Every file that parses TOML includes it through this one,
// so that a program holds one copy of it.
//
// Its parser asserts what a text such as "[=" makes untrue, one step before it would refuse that text; with
// NDEBUG it has the compiler take the same for granted. Here neither: it goes on, and refuses.
#pragma once

#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
