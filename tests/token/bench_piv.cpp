// What tests/bench/piv_apdus runs under tools/simulate:
//   bench-piv prepare READER             a fresh token, PIN 271828, certificates in its slots
//   bench-piv sign READER COUNT          signatures with slot 9C, from a cold start
//   bench-piv time READER COUNT          milliseconds a signature, PIN included, after the first
//   bench-piv answers READER COUNT       medians, in milliseconds: GENERAL AUTHENTICATE that signs, GET
//   VERSION
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
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

// The median of `count` runs, in milliseconds.
double median_time(int count, const std::function<void()>& run) {
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    times.push_back(
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::nth_element(times.begin(), times.begin() + count / 2, times.end());
  return times[static_cast<std::size_t>(count / 2)];
}

// One command with its answer, as an application sees it: through pcscd, its driver, and back. Slot 9A wants
// the PIN once, so that nothing but the signature is in the time.
void measure_answers(const std::string& reader, int count) {
  // 7C 24 { 82: response wanted, 81: 32 bytes to sign } (SP 800-73-5 part 2, section 3.2.4)
  std::array<std::uint8_t, 38> request{0x7C, 0x24, 0x82, 0x00, 0x81, 0x20};
  constexpr std::array<std::uint8_t, 5> kPivApplication{0xA0, 0x00, 0x00, 0x03, 0x08};
  const auto channel = must(must(Readers::open()).connect(reader));
  const auto answer = [&](std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, ByteView data) {
    Command command;
    command.ins = ins;
    command.p1 = p1;
    command.p2 = p2;
    command.data = data;
    const Response response = must(exchange(*channel, command));
    if (!response.success()) stop("the card refused: " + status_text(response.status));
    return response.data.size();
  };
  answer(0xA4, 0x04, 0x00, kPivApplication);
  answer(0x20, 0x00, 0x80, as_bytes(std::string_view("271828\xFF\xFF")));
  const double sign = median_time(count, [&] {
    ++request.back();
    if (answer(0x87, 0x11, 0x9A, request) < 70) stop("that was no signature");
  });
  const double version = median_time(count, [&] { answer(0xFD, 0, 0, {}); });
  std::printf("%.4f %.4f\n", sign, version);
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
  } else if (count > 0 && arguments[0] == "answers") {
    measure_answers(arguments[1], count);
  } else {
    stop("usage: bench-piv prepare READER | sign READER COUNT | time READER COUNT | answers READER COUNT");
  }
  return 0;
}
