// The readers of this machine as the provider needs them, so that tests can bring their own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <optional>

#include "sceau/token/reader.h"

namespace sceau::pkcs11 {

// Every method may be called by several threads at once. Fails as token::Readers does.
class ReaderSource {
 public:
  ReaderSource() = default;
  virtual ~ReaderSource() = default;
  ReaderSource(const ReaderSource&) = delete;
  ReaderSource& operator=(const ReaderSource&) = delete;

  virtual sceau::Result<std::vector<token::ReaderStatus>> list() = 0;
  // A channel of its own: what one token does never waits for another's.
  virtual sceau::Result<std::unique_ptr<token::Channel>> connect(const std::string& reader) = 0;
  // As token::Readers::wait_for_change(); returns early after stop().
  virtual sceau::Result<bool> wait(const std::vector<token::ReaderStatus>& known,
                                   std::chrono::milliseconds timeout) = 0;
  // Ends the waits there are, and those that begin later.
  virtual void stop() = 0;
};

// PC/SC, with a connection to the service for listing, one for each wait and one for each channel: the
// library below serves one caller a connection. A service that was restarted is reached again.
class PcscReaders final : public ReaderSource {
 public:
  sceau::Result<std::vector<token::ReaderStatus>> list() override;
  sceau::Result<std::unique_ptr<token::Channel>> connect(const std::string& reader) override;
  sceau::Result<bool> wait(const std::vector<token::ReaderStatus>& known,
                           std::chrono::milliseconds timeout) override;
  void stop() override;

 private:
  std::mutex listing_mutex_;
  std::optional<token::Readers> listing_;
  std::mutex waiting_mutex_;
  std::condition_variable left_;
  std::list<token::Readers> waiting_;
  bool stopped_ = false;
};

}  // namespace sceau::pkcs11
