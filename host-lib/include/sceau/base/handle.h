// One owner for one object of a C library: Handle<EVP_PKEY, EVP_PKEY_free>. An empty Handle owns nothing.
#pragma once

#include <memory>

namespace sceau {

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
template <typename T, auto release>
using Handle = std::unique_ptr<T, Releaser<release>>;

}  // namespace sceau
