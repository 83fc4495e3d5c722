// One number over a table of fields, the same for the host's and the firmware's form of it.
#pragma once

#include <string_view>

// A member of the host's field; of the firmware's, which is packed, a function of the same name.
#define TABLE_MEMBER(name)                      \
  template <typename Field>                     \
  auto table_##name(const Field& field) {       \
    if constexpr (requires { field.name(); }) { \
      return field.name();                      \
    } else {                                    \
      return field.name;                        \
    }                                           \
  }
TABLE_MEMBER(name)
TABLE_MEMBER(required)
TABLE_MEMBER(minimum)
TABLE_MEMBER(maximum)
TABLE_MEMBER(choices)
TABLE_MEMBER(fields)
#undef TABLE_MEMBER

template <typename Fields>
unsigned long table_sum(const Fields& fields, unsigned long sum) {  // NOLINT(misc-no-recursion)
  const auto mix = [&sum](unsigned long value) { sum = (sum ^ value) * 1099511628211UL; };
  const auto mix_text = [&mix](std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(text.size());
  };
  for (const auto& field : fields) {
    mix_text(table_name(field));
    mix(static_cast<unsigned long>(field.kind));
    mix(table_required(field) ? 1 : 0);
    mix(static_cast<unsigned long>(table_minimum(field)));
    mix(static_cast<unsigned long>(table_maximum(field)));
    for (const auto choice : table_choices(field)) mix_text(choice);
    sum = table_sum(table_fields(field), sum);
  }
  return sum;
}
