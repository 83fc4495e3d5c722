// Pieces of the resolved tree that several parts of the reader make or recognize, and words for its messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parse_tree.h"
#include "sceau/source/query.h"

namespace sceau::source {

// Names a result, in all parts of a combination.
void name_output(Select& select, std::size_t at, const std::string& name);

// YYYY-MM-DD, with a month of 1 to 12 and a day of 1 to 31.
bool is_date(std::string_view text);

inline constexpr const char* pattern_words =
    "a pattern has letters, digits, ^ $ . | ( ) [ ], * + ? and {n}, and \\d, \\s, \\w alone, and 100 "
    "characters "
    "at most: write a simpler one, or LIKE";
// A regular expression that fails for no text and needs no going back.
bool is_sound_pattern(std::string_view text);

// random(), as it is written, and as it was read.
bool is_by_chance(const Node* node);
bool is_chance(const Expression& expression);

// An expression that is a date, YYYY-MM-DD, or NULL whatever its columns hold.
bool is_day(const Expression& expression);

// Words for what is no comparison with a column.
std::string stray_parameter(int number);

// Pieces of trees.
Expression whole_number(long value);
Expression quoted(std::string text);
Expression call_of(std::string_view function, Type type, std::vector<Expression> arguments);
Expression condition_of(Expression::Kind kind, std::string_view text, std::vector<Expression> children);
Expression chosen(std::vector<Expression> children, Type type);  // CASE

// Words for messages.
std::string in_quotes(std::string_view text);
std::string shown(const Expression& expression);

}  // namespace sceau::source
