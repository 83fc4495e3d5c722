#include "sceau/token/fido_places.h"

#include <fido.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

namespace sceau::token {
namespace {

constexpr std::size_t kMostDevices = 64;

struct InfoListEnd {
  void operator()(fido_dev_info_t* list) const { fido_dev_info_free(&list, kMostDevices); }
};

std::vector<FidoPlace> usb_places() {
  std::vector<FidoPlace> places;
  fido_init(FIDO_DISABLE_U2F_FALLBACK);
  const std::unique_ptr<fido_dev_info_t, InfoListEnd> list(fido_dev_info_new(kMostDevices));
  std::size_t found = 0;
  if (!list || fido_dev_info_manifest(list.get(), kMostDevices, &found) != FIDO_OK) return places;
  places.reserve(found);
  for (std::size_t i = 0; i < found; ++i) {
    const fido_dev_info_t* one = fido_dev_info_ptr(list.get(), i);
    const char* path = fido_dev_info_path(one);
    const char* product = fido_dev_info_product_string(one);
    if (path == nullptr) continue;
    std::string name = product == nullptr ? "FIDO2 key" : product;
    name.append(" on ").append(path);
    places.push_back({path, std::move(name)});
  }
  return places;
}

// Sockets that are there.
void add_socket_places(std::vector<FidoPlace>& places) {
  const char* named = ::secure_getenv("SCEAU_FIDO2");
  std::string_view rest = named == nullptr ? std::string_view() : named;
  while (!rest.empty() && places.size() < kMostDevices) {
    const std::string path(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.size(), path.size() + 1));
    struct stat what {};
    if (::stat(path.c_str(), &what) == 0 && S_ISSOCK(what.st_mode)) places.push_back({path, path});
  }
}

}  // namespace

std::vector<FidoPlace> fido_places() {
  auto places = usb_places();
  add_socket_places(places);
  return places;
}

std::vector<FidoPlace> FidoPlaces::now() {
  // What changes while it is looked at is an event for the next time.
  if (!watch_.works() || watch_.changed() || !looked_) usb_ = usb_places();
  looked_ = true;
  auto places = usb_;
  add_socket_places(places);
  return places;
}

}  // namespace sceau::token
