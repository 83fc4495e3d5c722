// What each project was given, so that its later aggregates can be held against it: release::History in files
// of the home's folder `given`, one a project.
//
// A file is a row of frames: u32 length, a nonce of 24 bytes, and a box (XChaCha20-Poly1305) over the
// request's digest and what the release room keeps of its answer; the place in the row and the project are
// authenticated with it. The keys come from the project's pseudonym key. Each frame is on disk before rows
// leave. Every aggregate that the registry knows to have been let out must be there: a file that was lost,
// shortened or put back from an old backup stops the project's aggregates.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "sceau/base/digest.h"
#include "sceau/base/random.h"
#include "sceau/release/history.h"

namespace sceau::gate {

// One for the gate: decisions about one project wait for each other.
class GivenLocks {
 public:
  std::mutex& of(const std::string& project);

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<std::mutex>> projects_;
};

class Given final : public release::History {
 public:
  struct Place {
    std::filesystem::path folder;
    std::string project;
    Digest request{};  // whose answer is decided on
  };
  // `project_key` has 32 bytes; `let_out` gives the aggregates of this project that were let out, and is
  // called with the project locked. The references must outlive it.
  Given(Place place, const Secret& project_key, GivenLocks& locks, Random& random,
        std::function<std::vector<Digest>()> let_out);

  [[nodiscard]] const Secret& key() const override { return people_key_; }
  Status with(const Decide& decide) override;
  // Whether something was kept: an answer about nobody is kept by the caller, with nothing in it.
  [[nodiscard]] bool used() const { return used_; }

 private:
  struct Kept {
    std::vector<Bytes> answers;
    std::vector<Digest> requests;
    std::uint64_t size = 0;  // of the whole frames, in bytes
  };
  [[nodiscard]] std::filesystem::path file() const;
  [[nodiscard]] Result<Kept> read() const;
  Result<Bytes> open_frame(ByteView frame, std::size_t place) const;
  [[nodiscard]] Bytes make_frame(ByteView answer, std::size_t place) const;
  [[nodiscard]] Status append(ByteView frame, std::uint64_t at) const;
  [[nodiscard]] Bytes bound_to(std::size_t place) const;

  Place place_;
  Secret people_key_, box_key_;
  GivenLocks& locks_;
  Random& random_;
  std::function<std::vector<Digest>()> let_out_;
  bool used_ = false;
};

}  // namespace sceau::gate
