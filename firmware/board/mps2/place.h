// Memory set aside for one object, which is made when main() says so: no constructor runs before main(), and
// nothing is ever taken from a heap.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <utility>

namespace sceau::firmware::mps2 {

template <typename Object>
class Place {
 public:
  // Once.
  template <typename... Arguments>
  Object& make(Arguments&&... arguments) {
    return *new (bytes_.data()) Object(std::forward<Arguments>(arguments)...);
  }

 private:
  alignas(Object) std::array<std::byte, sizeof(Object)> bytes_;
};

}  // namespace sceau::firmware::mps2
