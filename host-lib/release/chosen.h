// What a workspace's table tells of columns labelled potential_identifier: see following.h. Beyond 64 names
// each time, one stands for all of them that no profile lists.
#pragma once

#include <vector>

#include "sceau/source/catalogue.h"
#include "sceau/source/query.h"

namespace sceau::release {

// Of a table that `select` alone made, or would make.
void note_choice(source::Table& made, const source::Select& select);

// After rows of `given` were put into the table, or a column of `given` into one of it.
void add_choice(source::Table& table, const source::Table& given);
void add_choice(source::Column& column, const source::Column& given);

// After `column` became what `given` is, in the rows that the conditions and joins of `select` pick of its
// first relation.
void change_choice(source::Column& column, const source::Column& given, const source::Select& select);

// After rows that `select` picks of its first relation were deleted.
void narrow_choice(source::Table& table, const source::Select& select);

}  // namespace sceau::release
