// What tests/bench/piv_apdus runs under tools/simulate:
//   bench-piv prepare READER             a fresh token, PIN 271828, certificates in its slots
//   bench-piv sign READER COUNT          signatures with slot 9C, from a cold start
//   bench-piv time READER COUNT          milliseconds a signature, after the first
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "certificates.h"
#include "fixed_pins.h"
#include "sceau/token/find.h"
#include "sceau/token/initialise.h"

using namespace sceau;
using namespace sceau::token;

namespace {

constexpr const char* kPin = "271828";

[[noreturn]] void stop(const std::string& why) {
  std::fprintf(stderr, "bench-piv: %s\n", why.c_str());
  std::exit(1);
}
template <typename T>
T must(Result<T> result) {
  if (!result) stop(result.error().message);
  return std::move(*result);
}
void must(const Status& status) {
  if (!status) stop(status.error().message);
}

std::shared_ptr<PivCard> open_card(const std::string& reader) {
  return std::make_shared<PivCard>(must(must(Readers::open()).connect(reader)));
}

void prepare(const std::string& reader) {
  SystemRandom random;
  const auto card = open_card(reader);
  const InitialisedToken token = must(initialise(*card, Secret(as_bytes(kPin)), {}, random));
  auto held = must(card->hold());
  must(card->authenticate(token.secrets.management_key, random));
  for (const NewKey& key : token.keys)
    must(card->put_certificate(key.slot, test::make_certificate(key.public_key, 300)));
}

void sign(const std::string& reader, int count) {
  PivSigner signer(open_card(reader), {});
  test::FixedPins pins(kPin);
  const Bytes attributes(200, 0x31);
  for (int i = 0; i < count; ++i) must(signer.sign({{}, attributes}, pins));
}

void measure_time(const std::string& reader, int count) {
  PivSigner signer(open_card(reader), {});
  test::FixedPins pins(kPin);
  const Bytes attributes(200, 0x31);
  must(signer.sign({{}, attributes}, pins));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < count; ++i) must(signer.sign({{}, attributes}, pins));
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  std::printf("%.3f\n", spent.count() / count);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const int count = arguments.size() == 3 ? std::stoi(arguments[2]) : 0;
  if (arguments.size() == 2 && arguments[0] == "prepare") {
    prepare(arguments[1]);
  } else if (count > 0 && arguments[0] == "sign") {
    sign(arguments[1], count);
  } else if (count > 0 && arguments[0] == "time") {
    measure_time(arguments[1], count);
  } else {
    stop("usage: bench-piv prepare READER | sign READER COUNT | time READER COUNT");
  }
  return 0;
}
