// One number over a table of fields, the same for the host's and the firmware's form of it.
#pragma once

#include <string_view>

template <typename Fields>
unsigned long table_sum(const Fields& fields, unsigned long sum) {  // NOLINT(misc-no-recursion)
  const auto mix = [&sum](unsigned long value) { sum = (sum ^ value) * 1099511628211UL; };
  const auto mix_text = [&mix](std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(text.size());
  };
  for (const auto& field : fields) {
    mix_text(field.name);
    mix(static_cast<unsigned long>(field.kind));
    mix(field.required ? 1 : 0);
    mix(static_cast<unsigned long>(field.minimum));
    mix(static_cast<unsigned long>(field.maximum));
    for (const auto choice : field.choices) mix_text(choice);
    sum = table_sum(field.fields, sum);
  }
  return sum;
}
